"""Sending rules, as the API speaks of them."""

from typing import Self

from pydantic import Field

from clarion.domain.sending_rules import SendingRules


class UpdateSendingRulesRequest(SendingRules):
    """All the rules; what is left out has its default. ``version`` (or If-Match) is the one you read: a later one is
    not overwritten."""

    version: int | None = Field(default=None, ge=0)

    def rules(self) -> SendingRules:
        """The rules alone."""
        return SendingRules(**{name: getattr(self, name) for name in SendingRules.model_fields})


class SendingRulesView(SendingRules):
    """The organisation's rules; the defaults, at version 0, where it never set any."""

    version: int

    @classmethod
    def of(cls, rules: SendingRules, version: int) -> Self:
        return cls(version=version, **{name: getattr(rules, name) for name in SendingRules.model_fields})
