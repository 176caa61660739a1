"""Conversations: the last turns of each, bounded, apart from each other."""

from concurrent.futures import ThreadPoolExecutor

from assistant.answer import ModelUse
from assistant.conversation import MAX_TURNS, Conversations
from assistant.draft import Draft, Turn


def turn(question: str = "?") -> Turn:
    return Turn(question, Draft("refuse", ModelUse("semantic")))


def test_a_conversation_keeps_its_last_turns_oldest_first():
    conversations = Conversations()
    for number in range(MAX_TURNS + 3):
        conversations.add("a", turn(str(number)))
    kept = [turn.question for turn in conversations.history("a")]
    assert kept == [str(number) for number in range(3, MAX_TURNS + 3)]


def test_conversations_do_not_see_each_other_and_the_oldest_goes():
    conversations = Conversations(limit=2)
    for name in ("a", "b", "c"):
        conversations.add(name, turn(name))
    assert [[t.question for t in conversations.history(name)] for name in ("a", "b", "c")] == [
        [],
        ["b"],
        ["c"],
    ]


def test_a_conversation_that_goes_on_is_not_the_oldest():
    conversations = Conversations(limit=2)
    for name in ("a", "b", "a", "c"):
        conversations.add(name, turn())
    assert [len(conversations.history(name)) for name in ("a", "b", "c")] == [2, 0, 1]


def test_without_an_id_nothing_is_remembered():
    conversations = Conversations()
    for name in (None, ""):
        conversations.add(name, turn())
        assert conversations.history(name) == ()


def test_the_same_id_of_another_owner_is_another_conversation():
    conversations = Conversations()
    conversations.add("a", turn("of one"), owner="one")
    assert conversations.history("a", owner="two") == ()
    assert [t.question for t in conversations.history("a", owner="one")] == ["of one"]


def test_an_idle_conversation_is_forgotten_and_one_that_goes_on_is_not():
    clock = [0.0]
    conversations = Conversations(idle=60, now=lambda: clock[0])
    conversations.add("idle", turn())
    conversations.add("going on", turn())
    clock[0] = 40.0
    conversations.add("going on", turn())
    clock[0] = 61.0
    assert conversations.history("idle") == ()
    assert len(conversations.history("going on")) == 2


def test_turns_added_at_the_same_time_are_all_kept():
    conversations = Conversations()
    names = [str(number) for number in range(50)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: conversations.add(name, turn(name)), names * 4))
    assert {len(conversations.history(name)) for name in names} == {4}
