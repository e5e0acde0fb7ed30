"""A DynamoDB stream and Lambda's event source mapping with their real failure modes."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from clarion.storage.table import ConditionFailed, Item, to_wire
from tests.fakes.table import TableInMemory

Record = dict[str, Any]
Aggregate = Callable[[Sequence[Record]], dict[str, str]]


class Crash(Exception):
    """The worker died."""


def record(item: Item, number: int) -> Record:
    """The stream record of a new item, as Lambda gets it."""
    keys = to_wire({"pk": item["pk"], "sk": item["sk"]})
    change = {
        "Keys": keys,
        "NewImage": to_wire(item),
        "SequenceNumber": str(number),
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    return {"eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": change}


class FaultyTable(TableInMemory):
    """Dies before or after any call, or is so slow that its write lands long after its worker was given up."""

    def __init__(self, rnd: Random) -> None:
        super().__init__()
        self._rnd, self.dangerous = rnd, True
        self.late: list[Sequence[dict[str, Any]]] = []

    def batch_get(self, keys: Any) -> Any:
        self._perhaps_die()
        return iter(list(super().batch_get(keys)))

    def transact(self, actions: Sequence[dict[str, Any]]) -> None:
        self._perhaps_die()
        if self.dangerous and self._rnd.random() < 0.06:
            self.late.append(list(actions))
            raise Crash("given up; the write is still on its way")
        if self.dangerous and self.late and self._rnd.random() < 0.3:
            self.let_late_write_land()  # between this worker's reading and its writing
        super().transact(actions)
        self._perhaps_die()  # written, but nobody will hear of it

    def let_late_write_land(self) -> None:
        """The write of a worker given up long ago arrives now."""
        actions = self.late.pop(self._rnd.randrange(len(self.late)))
        try:
            super().transact(actions)
        except ConditionFailed:
            return

    def _perhaps_die(self) -> None:
        if self.dangerous and self._rnd.random() < 0.04:
            raise Crash


def deliver(records: list[Record], aggregate: Aggregate, table: FaultyTable, rnd: Random, lanes: int) -> list[Record]:
    """Deliver every record at least once, in batches over some lanes, shuffled where lanes meet; the answer holds the
    records that were never accepted.

    Batches fail as a whole or from a reported record on, are halved, delivered again after success (a lost answer), and
    the position may jump back. Some records make every batch they are in fail for no reason of ours; they go to the
    dead letters and are delivered again at the end.
    """
    queues: list[list[Record]] = [[] for _ in range(lanes)]
    for each in records:
        queues[rnd.randrange(lanes)].append(each)
    unlucky = {id(each) for each in records if rnd.random() < 0.02}
    position, size = [0] * lanes, [rnd.choice((3, 10, 100))] * lanes
    dead: list[Record] = []
    while open_ := [lane for lane in range(lanes) if position[lane] < len(queues[lane])]:
        lane = rnd.choice(open_)
        batch = queues[lane][position[lane] : position[lane] + size[lane]]
        if table.late and rnd.random() < 0.5:
            table.let_late_write_land()
        accepted = 0
        try:
            failed = aggregate(batch)
            if any(id(each) in unlucky for each in batch):
                raise Crash
            numbers = [each["dynamodb"]["SequenceNumber"] for each in batch]
            accepted = min((numbers.index(number) for number in failed), default=len(batch))
        except Crash:
            pass
        if accepted == len(batch) and rnd.random() < 0.05:
            accepted = 0  # the answer was lost
        position[lane] += accepted
        if accepted == len(batch):
            size[lane] = 100
        elif len(batch) == 1 and rnd.random() < 0.3:
            dead.append(batch[0])
            position[lane] += 1
        else:
            size[lane] = max(1, size[lane] // 2)
        if rnd.random() < 0.02:
            position[lane] = max(0, position[lane] - rnd.randrange(1, 40))
    while table.late:
        table.let_late_write_land()
    table.dangerous = False
    rnd.shuffle(dead)
    return [each for each in dead if aggregate([each])]
