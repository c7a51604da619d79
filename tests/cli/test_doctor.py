"""`critique doctor` tells everything at once, each with a cure one can follow."""

from __future__ import annotations

from click.testing import CliRunner

from critique.cli.checking import doctor


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
