"""Drawing a round again from what was kept with it: the proof that nothing else decided."""

from __future__ import annotations

from dataclasses import dataclass

from critique.pairing.kept import outcome_digest, unpacked
from critique.pairing.models import Round
from critique.pairing.plan import Plan, plan_round
from critique.pairing.pool import Weights
from critique.plumbing.errors import NotFound


@dataclass(frozen=True)
class Replay:
    """A round drawn again, and whether pool and outcome are those that were kept."""

    plan: Plan
    same_pool: bool
    same_outcome: bool

    @property
    def proven(self) -> bool:
        """Whether the draw is the one that was made."""
        return self.same_pool and self.same_outcome


def replayed(drawn: Round) -> Replay:
    """Draw a round again. Raises NotFound for one from before pools were kept.

    Takes as long as the draw took; the record must be loaded with its pool, and is not changed.
    """
    if drawn.pool is None:
        raise NotFound(
            "That round was drawn before Critique kept what rounds are drawn from, so it cannot be "
            "drawn again. Later ones can."
        )
    inputs = unpacked(drawn.pool, team_id=drawn.team_id, team=drawn.team.name)
    plan = plan_round(inputs, seed=drawn.seed, now=drawn.drawn_at, weights=Weights(**drawn.weights))
    return Replay(
        plan=plan,
        same_pool=plan.pool_digest == drawn.pool_digest,
        same_outcome=outcome_digest(plan.bookings, plan.left) == drawn.outcome_digest,
    )
