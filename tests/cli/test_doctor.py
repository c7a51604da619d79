"""`critique doctor` tells everything at once, each with a cure one can follow."""

from __future__ import annotations

import sqlalchemy as sa
from click.testing import CliRunner

from critique.cli.checking import doctor
from tests.conftest import sqlite_copy


def test_wrong_settings_are_told_together_with_their_cures(tmp_path):
    told = CliRunner().invoke(
        doctor,
        env={
            "CRITIQUE_DATA": str(tmp_path),
            "CRITIQUE_DATABASE_URL": "nonsense",
            "CRITIQUE_MAX_UPLOAD_MB": "many",
            "CRITIQUE_QUOTA_MB": "-4",
            "CRITIQUE_SMTP_URL": "ftp://mail",
            "CRITIQUE_WHISPER_MODEL": "/nowhere",
        },
    )
    assert told.exit_code == 1
    assert told.output.count("MEND") == 5, told.output
    for name in ("MAX_UPLOAD_MB", "QUOTA_MB", "DATABASE_URL", "SMTP_URL", "WHISPER_MODEL"):
        cures = [line for line in told.output.splitlines() if "->" in line]
        assert any(f"CRITIQUE_{name}" in line for line in cures), name


def test_a_folder_that_cannot_be_made_is_told_with_its_cure(tmp_path):
    (tmp_path / "taken").write_text("a file")
    told = CliRunner().invoke(doctor, env={"CRITIQUE_DATA": str(tmp_path / "taken")})
    assert told.exit_code == 1
    assert "Point CRITIQUE_DATA to a folder" in told.output


def test_answers_by_mail_need_both_a_door_and_a_domain(tmp_path):
    production = {
        "CRITIQUE_DATA": str(tmp_path),
        "CRITIQUE_ENV": "production",
        "CRITIQUE_BASE_URL": "https://critique.example.com",
    }

    def told(**changes):
        lines = CliRunner().invoke(doctor, env={**production, **changes}).output.splitlines()
        at = next(at for at, line in enumerate(lines) if " answers " in line)
        return " ".join((lines[at] + lines[at + 1]).split())

    assert told().startswith("note answers mails cannot be answered -> Set both CRITIQUE_MAIL_DOOR")
    assert told(CRITIQUE_MAIL_DOOR="lmtp://127.0.0.1:1").startswith(
        "MEND answers CRITIQUE_REPLY_DOMAIN is not set, so answers to mails get lost -> Set both"
    )
    assert told(
        CRITIQUE_MAIL_DOOR="127.0.0.1:1", CRITIQUE_REPLY_DOMAIN="reply.example.com"
    ).endswith("-> Run: critique mail-door")


def test_each_wrong_setting_of_answers_is_told_by_name_and_no_secret_is(tmp_path):
    wrong = {
        "CRITIQUE_MAIL_DOOR": "ftp://127.0.0.1:25",
        "CRITIQUE_REPLY_DOMAIN": "no domain",
        "CRITIQUE_REPLY_KEYS": "1:hushhush",
    }
    told = CliRunner().invoke(doctor, env={"CRITIQUE_DATA": str(tmp_path), **wrong}).output
    for name in wrong:
        assert f"Correct {name}" in told
    assert "hushhush" not in told


def test_a_database_that_an_update_left_behind_is_told(migrated, tmp_path):
    url = sqlite_copy(migrated, tmp_path)
    with sa.create_engine(url).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    told = CliRunner().invoke(
        doctor, env={"CRITIQUE_DATA": str(tmp_path), "CRITIQUE_DATABASE_URL": url}
    )
    assert told.exit_code == 1
    assert "older than this Critique" in told.output
    assert "critique migrate" in told.output
