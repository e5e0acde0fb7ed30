"""The health of the deployment, as the API speaks of it."""

from typing import Self

from clarion.domain.health import Health


class HealthView(Health):
    """``reasons`` says in words what is wrong: nothing where ``status`` is ok. ``channels`` are the organisation's own,
    the rest is the whole deployment's."""

    @classmethod
    def of(cls, health: Health) -> Self:
        return cls(**{name: getattr(health, name) for name in cls.model_fields})
