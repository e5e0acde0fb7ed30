"""How far an audience has come is kept, and never moved back by who saw less."""

from clarion.domain.audience_progress import AudienceProgress
from clarion.domain.engagement import MessageRef
from clarion.storage.audience_progress import AudienceProgressTable
from clarion.storage.table import Table
from tests.fakes.table import TableInMemory

MESSAGE = MessageRef("acme", "outlet", "k", 1, "1", "ads")


def test_it_reads_back_as_it_was_kept(table: Table) -> None:
    progress = AudienceProgressTable(table)
    beginning = progress.get(MESSAGE)
    assert beginning == AudienceProgress(message=MESSAGE)
    begun = progress.save(beginning, beginning.begun("9/8"))
    moved = progress.save(begun, begun.moved(3, "01JC", 70))
    assert progress.get(MESSAGE) == moved
    assert (moved.upload, moved.shard, moved.after, moved.added) == ("9/8", 3, "01JC", 70)
    through = progress.save(moved, moved.moved(16, None, 5))
    assert (through.after, through.added) == (None, 75)
    assert progress.get(MESSAGE) == through
    finished = progress.save(through, through.finished("9"))
    assert progress.get(MESSAGE).audience_id == finished.audience_id == "9"


def test_who_comes_too_late_learns_how_far_it_is() -> None:
    progress = AudienceProgressTable(TableInMemory())
    seen = progress.get(MESSAGE)
    first = progress.save(seen, seen.moved(1, "b", 2))
    assert progress.save(seen, seen.moved(0, "a", 1)) == first
    second = progress.save(first, first.moved(2, None, 2))
    assert progress.save(first, first.moved(1, "c", 1)) == second


def test_each_run_and_account_has_its_own_and_another_organisation_sees_none() -> None:
    progress = AudienceProgressTable(TableInMemory())
    seen = progress.get(MESSAGE)
    progress.save(seen, seen.begun("9"))
    for other in (MESSAGE._replace(org="globex"), MESSAGE._replace(run=2), MESSAGE._replace(contact="other")):
        assert progress.get(other).upload == ""
