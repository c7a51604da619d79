"""Everything that changes people, teams and how they sign in; each records one event."""

from critique.accounts.operations.calls import set_call_address
from critique.accounts.operations.invitations import (
    accept_invitation,
    invite_person,
    resend_invitation,
    withdraw_invitation,
)
from critique.accounts.operations.links import (
    answer_reset,
    ask_reset,
    mailed_secret,
    reset_password,
    setup_link,
    use_setup,
)
from critique.accounts.operations.memberships import (
    change_role,
    end_membership,
    start_membership,
)
from critique.accounts.operations.parked import let_letter_go, try_letter_again
from critique.accounts.operations.people import (
    add_person,
    add_team,
    change_profile,
    issue_token,
    set_coffee,
    skip_week,
)
from critique.accounts.operations.reporting import set_reports_to
from critique.accounts.operations.sessions import (
    change_password,
    end_other_sign_ins,
    end_sign_in,
    note_sign_in,
    renew_hash,
)
from critique.accounts.operations.time_off import (
    add_absence,
    change_absence,
    end_absence,
    set_deep_work,
    set_holidays,
)

__all__ = [
    "accept_invitation",
    "add_absence",
    "add_person",
    "add_team",
    "answer_reset",
    "ask_reset",
    "change_absence",
    "change_password",
    "change_profile",
    "change_role",
    "end_absence",
    "end_membership",
    "end_other_sign_ins",
    "end_sign_in",
    "invite_person",
    "issue_token",
    "let_letter_go",
    "mailed_secret",
    "note_sign_in",
    "renew_hash",
    "resend_invitation",
    "reset_password",
    "set_call_address",
    "set_coffee",
    "set_deep_work",
    "set_holidays",
    "set_reports_to",
    "setup_link",
    "skip_week",
    "start_membership",
    "try_letter_again",
    "use_setup",
    "withdraw_invitation",
]
