"""What of Markdown reaches a reader's screen: paragraphs, lists, headings, emphasis and code."""

import re

# Characters that open markup, links and images; `://` and `www.` make a link by themselves.
_OPENERS = str.maketrans({"&": "&amp;", "<": "&lt;", "[": "&#91;", "]": "&#93;"})
_ADDRESS = re.compile(r"(?<=\w)://|(?i:\bwww)\.|(?<=\w)@(?=\w)")


def tame(text: str) -> str:
    """The same text without raw HTML, links or images.

    Cell values, names and the asker's own words stand in an answer. None of them may load an
    image, which would tell its server what was read, or lead to a place somebody else chose.
    """
    return _ADDRESS.sub(_broken, text.translate(_OPENERS))


def code(text: str) -> str:
    """The text as code on one line; shown as it is."""
    return "`" + " ".join(text.replace("`", "'").split()) + "`"


def _broken(found: re.Match[str]) -> str:
    return "".join(f"&#{ord(letter)};" if letter in ":.@" else letter for letter in found[0])
