"""Whom a message would reach if it went out now, as counted over an audience or over a sample of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

EXCLUSIONS = ("suppressed", "no_consent", "no_address", "invalid_address", "hold_out", "capped")
MOST_ZONES = 20
SAMPLE = 10


@dataclass(frozen=True, slots=True)
class Sampled:
    """One member of the audience; ``reason`` says why it would get nothing."""

    contact_id: str
    email: str | None
    phone: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Reach:
    """``share`` is the part of all contacts that the figures stand on: they are estimates unless it is 1.

    ``excluded`` counts members by reason; ``variants`` and ``timezones`` those who would receive it. ``fallback`` of
    these have no usable zone of their own and are served in ``fallback_zone``.
    """

    audience: int
    would_receive: int
    excluded: Mapping[str, int]
    variants: Mapping[str, int]
    timezones: Sequence[tuple[str, int]]
    fallback: int
    fallback_zone: str
    sample: Sequence[Sampled]
    share: float

    @property
    def exact(self) -> bool:
        return self.share == 1


class Tally:
    """Counts members one by one."""

    def __init__(self) -> None:
        self.received, self.fallback = 0, 0
        self.excluded, self.variants, self.timezones = Counter[str](), Counter[str](), Counter[str]()
        self.reached: list[Sampled] = []
        self.left_out: list[Sampled] = []

    def leave_out(self, member: Sampled, reason: str) -> None:
        """A member who would get nothing."""
        self.excluded[reason] += 1
        self.left_out.append(member)
        del self.left_out[SAMPLE:]

    def reach(self, member: Sampled, variant: str, zone: str | None) -> None:
        """A member who would get it; ``variant`` is empty without an experiment, ``zone`` None without an own one."""
        self.received += 1
        if variant:
            self.variants[variant] += 1
        if zone is None:
            self.fallback += 1
        else:
            self.timezones[zone] += 1
        self.reached.append(member)
        del self.reached[SAMPLE:]

    def add(self, other: "Tally") -> None:
        """Take over what another tally counted."""
        self.received += other.received
        self.fallback += other.fallback
        self.excluded.update(other.excluded)
        self.variants.update(other.variants)
        self.timezones.update(other.timezones)
        self.reached = [*self.reached, *other.reached][:SAMPLE]
        self.left_out = [*self.left_out, *other.left_out][:SAMPLE]

    def reach_of(self, walked: int, parts: int, fallback_zone: str) -> Reach:
        """What was counted in ``walked`` of ``parts`` equal parts, scaled up to all of them.

        Where not even one part was walked to its end, the figures are what was seen, and the share is 0.
        """
        factor = parts / walked if walked else 1.0
        excluded = {reason: round(self.excluded[reason] * factor) for reason in EXCLUSIONS}
        received = round(self.received * factor)
        return Reach(
            audience=received + sum(excluded.values()),
            would_receive=received,
            excluded=excluded,
            variants={variant: round(n * factor) for variant, n in sorted(self.variants.items())},
            timezones=[(zone, round(n * factor)) for zone, n in self._zones()],
            fallback=round(self.fallback * factor),
            fallback_zone=fallback_zone,
            sample=self._sample(),
            share=walked / parts,
        )

    def _zones(self) -> list[tuple[str, int]]:
        """The most frequent, equals by name."""
        return sorted(self.timezones.items(), key=lambda each: (-each[1], each[0]))[:MOST_ZONES]

    def _sample(self) -> list[Sampled]:
        """Of both kinds alike, as far as there are so many."""
        left_out = self.left_out[: max(SAMPLE // 2, SAMPLE - len(self.reached))]
        return [*self.reached[: SAMPLE - len(left_out)], *left_out]
