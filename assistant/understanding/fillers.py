"""Words that say nothing about which figure is meant, in both languages: they may be passed over.

A word that can narrow or change a figure, such as „nur", „neu" or "unique", is none of them.
"""

from assistant.understanding.words import word_set

GERMAN = word_set(
    """
    wie viel viele wieviel der die das den dem des ein eine einen einem einer eines im in am
    an auf aus bei zu zum zur mit für von vom über unter um durch hin her herein rein worden
    gibt gab haben's wir uns unser unsere unserem unseren unserer unseres sie ihr ihre ihrem
    ihren es er ich man mir bitte gib sag was wer wo woher wobei warum weshalb wieso sich auch
    noch denn so als alle allen aller alles insgesamt total gesamt gesamte gesamten gesamter
    zusammen jeweils sortiert entwickelt entwickeln entwickelte entwickelten entwicklung
    verlauf zeitlich brachte brachten bringt bringen gebracht erzielt erzielte erzielten
    erzielen gemacht machen machte machten macht eingegangen verzeichnet verzeichnete
    verzeichneten erreicht lag lagen liegt liegen beträgt betrug hoch gross groß grosse lang
    lange kurz wert werte eigentlich genau gewesen gegeben aufgegeben erteilt eingingen kamen
    kam dauerte dauern dauert wartezeitlich komme kommt kommen gekommen hereinkommen
    hereingekommen reingekommen gewährt gewähren gaben geben mussten muss müssen musste
    konnten konnte wollten dabei davon dafür darin daran gemessen unsrer jener jene denen
    deren dessen gerade derzeit aktuell aktuelle aktuellen heute jetzt bisher bereits schon
    bekommen erhalten generiert generierten geht ging gingen gegangen oft häufig verteilen
    verteilt verteilung stand stehen steht standen wohnen wohnhaft leben führen führt sehen
    einmal mal doch eben tätigten getätigt getätigte entfallen entfällt entfiel entfielen
    brauchen braucht benötigen dieser diese dieses gelegt legten führten stammt stammen
    stammte stammten fallen fielen hinter vor gehen bis aufschlüsselung aufteilung gliederung
    zusammensetzung übersicht stark deutlich sehr schnell erreichten erreichen gelangten
    schaffen schafften betrugen aufgelaufen zustande landen landeten genutzt nutzen nutzten
    benutzt verwendet verwendeten beziehen bezogen setzt setzen zählen zählt zählten fliesst
    floss flossen eingehende eingegangene eingegangenen verbucht verbuchten verbuchen getan
    passiert steckt eröffnet herrschte herrscht verzeichnen meldeten gemeldet tatsächlich
    ungefähr etwa platziert etwas ihnen diejenigen leute personen menschen gezählt gezaehlt
    beim ganzen ganze überhaupt rund jemals je möchte wissen interessiert mich würde gerne
    gern könnte könnten kannst können aufgrund wegen enthält enthalten hinsichtlich bezüglich
    betreffend innerhalb während erfolgt erfolgten angefallen angaben vielen zurzeit sieht
    aussehen
    """
)
ENGLISH = word_set(
    """
    how much the a an of in on at to from for with per there we our us ours they their them it
    its i me my please tell who where why all total overall over development develop developed
    evolve evolved bring brought brings generate generated generates make made earn earned get
    gets got getting see saw seen received receive receives come came coming comes value long
    high big large go went take took taken takes up down into about regarding concerning gave
    give gives given through must whom currently now right measured those these can could
    would like know look looks stand stood distributed distribution distribute live lives
    living based happened happen occur occurred placed place put submitted logged recorded
    raised together combined so far during within as also any ever yet just across break
    broken breakdown out account accounted accounts belong belonging fall fell there's what's
    need needed people person persons individual individuals carry contain contained filed
    using via among between already still this that which having been being by you your if
    then than goes reached reach reaches composition strongly sharply quickly fast hit led use
    work worked ends counts book booked added often frequently usually common frequent spread
    anything something entire whole actually exactly amount level due because
    """
)
