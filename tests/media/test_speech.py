"""Words with times, from the voice of the demo walkthrough and from a tiny Whisper."""

from __future__ import annotations

import difflib
import itertools
import re
import wave
from pathlib import Path

import faster_whisper
import pytest

import critique.demo
from critique.media.errors import Broken, Exhausted, Refused, Unready
from critique.media.probe import probe
from critique.media.render import voice
from critique.media.speech import align, engines, fetch
from critique.media.speech.alignment import keys_of
from critique.media.speech.captions import Captions, Cue, parse, to_vtt
from critique.media.speech.words import Transcript
from tests.media import tiny_whisper
from tests.media.conftest import Record, run_ffmpeg

DEMO = Path(critique.demo.__file__).parent
LINES = (DEMO / "walkthrough.txt").read_text().splitlines()
CUT_MS = 16_800  # the first three lines
SAID = " ".join(LINES[:3])


@pytest.fixture(scope="session")
def said(recordings: Path) -> Path:
    path = recordings / "said.wav"
    cut = ("-i", str(DEMO / "walkthrough.mp4"), "-t", str(CUT_MS / 1000))
    run_ffmpeg(*cut, "-ac", "1", "-ar", "16000", "-c:a", "pcm_s16le", str(path))
    return path


@pytest.fixture(scope="session")
def quiet(record: Record) -> Path:
    return record("quiet.wav", "-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono", "-t", "3")


@pytest.fixture(scope="session")
def drafted(said: Path) -> Transcript:
    return engines.transcribe(said, engines.POCKETSPHINX)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tiny_whisper.write(folder / "small")
    return folder


def timed(told: Transcript, until_ms: int = CUT_MS) -> bool:
    words = told.words
    inside = all(0 <= word.start_ms <= word.end_ms <= until_ms for word in words)
    return inside and all(a.start_ms <= b.start_ms for a, b in itertools.pairwise(words))


def plain(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def test_demo_is_small_and_plays_as_it_is():
    found = probe(DEMO / "walkthrough.mp4")
    assert (found.width, found.height, found.video_codec) == (1280, 720, "h264")
    assert 75_000 <= found.duration_ms <= 100_000
    assert (DEMO / "walkthrough.mp4").stat().st_size < 3_000_000


def test_draft_is_close_enough_to_find_a_passage(drafted):
    assert (drafted.engine, drafted.draft, drafted.language) == ("pocketsphinx", True, "en")
    assert timed(drafted)
    heard = [word.text.lower() for word in drafted.words]
    alike = difflib.SequenceMatcher(None, plain(SAID), heard, autojunk=False)
    assert sum(block.size for block in alike.get_matching_blocks()) > 0.6 * len(plain(SAID))
    assert all(re.fullmatch(r"[A-Za-z'.-]+", word.text) for word in drafted.words)
    confidences = [word.confidence for word in drafted.words]
    assert all(0 <= confidence <= 1 for confidence in confidences)
    assert len(set(confidences)) > 5


def test_nobody_speaks(quiet):
    told = engines.transcribe(quiet, engines.POCKETSPHINX)
    assert told.words == []


def test_known_text_gets_the_times_of_its_voice(said):
    told = align.align_text(said, SAID)
    assert [word.text for word in told.words] == SAID.split()
    assert not told.draft
    assert timed(told)
    starts = {word.text: word for word in told.words}
    # The lines stand apart by half a second in which nobody speaks.
    assert 300 < starts["Here"].start_ms - starts["shop."].end_ms < 1000
    assert 300 < starts["People"].start_ms - starts["end."].end_ms < 1000
    assert all(60 <= word.end_ms - word.start_ms <= 1000 for word in told.words)


def test_words_nobody_knows_keep_their_place(said):
    text = SAID.replace("Fern and Clay", "Zyxquol 漢字 4711").replace("form,", "— form,")
    told = align.align_text(said, text)
    assert [word.text for word in told.words] == text.split()
    assert timed(told)
    row = {word.text: word for word in told.words}
    assert 3000 < row["Zyxquol"].start_ms <= row["漢字"].start_ms <= row["4711,"].end_ms < 5400


def test_another_text_still_gets_times(said):
    told = align.align_text(said, "Something else entirely was written down here by mistake.")
    assert len(told.words) == 9
    assert timed(told)


def test_text_over_silence_gets_times(quiet):
    told = align.align_text(quiet, "nobody says this")
    assert [word.text for word in told.words] == ["nobody", "says", "this"]
    assert timed(told, 3000)


def test_cues_keep_their_times_and_their_words_find_the_voice(said):
    exact = {word.text: word for word in align.align_text(said, SAID).words}
    cues = [Cue(700, 6100, LINES[0]), Cue(6400, 12_300, LINES[1]), Cue(12_600, 16_500, LINES[2])]
    told = align.align(said, Captions(cues, SAID), CUT_MS)
    assert timed(told)
    at = 0
    for cue in cues:
        count = len(cue.text.split())
        part = told.words[at : at + count]
        at += count
        assert " ".join(word.text for word in part) == cue.text
        assert all(cue.start_ms <= word.start_ms <= word.end_ms <= cue.end_ms for word in part)
    near = [abs(word.start_ms - exact[word.text].start_ms) for word in told.words[:16]]
    assert sorted(near)[len(near) // 2] < 60


def test_absurd_cues_do_no_harm(said):
    cues = [Cue(0, 10**9, "far"), Cue(5000, 5000, "nothing"), Cue(99_000_000, 99_000_001, "late")]
    told = align.align_cues(said, cues)
    assert [word.text for word in told.words] == ["far", "nothing", "late"]
    assert timed(told)


def test_captions_of_a_transcript_come_back_as_it(said):
    told = align.align_text(said, SAID)
    again = align.align(said, parse(to_vtt(told.words).encode()), CUT_MS)
    assert [word.text for word in again.words] == [word.text for word in told.words]
    shifts = [abs(a.start_ms - b.start_ms) for a, b in zip(again.words, told.words, strict=True)]
    assert sorted(shifts)[len(shifts) // 2] < 60


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ("(Check-out’s)", ["check", "out's"]),
        ("16px", ["one", "six", "px"]),
        ("—", []),
        ("漢字", []),
        ("'quoted'", ["quoted"]),
    ],
)
def test_keys(written, keys):
    assert keys_of(written) == keys


def test_whisper_runs_for_real(said, models):
    engine = engines.engine_for(models)
    assert (engine.name, engine.draft) == ("whisper-small", False)
    told = engines.transcribe(said, engine)
    assert (told.engine, told.draft, told.language) == ("whisper-small", False, "en")
    assert timed(told)
    assert told.words
    assert all(0 <= word.confidence <= 1 for word in told.words)


def test_engine_is_chosen_by_what_is_there(models, tmp_path):
    assert engines.engine_for(models, "small").model == models / "small"
    assert engines.engine_for(models, "medium") == engines.POCKETSPHINX
    assert engines.engine_for(models, "../small") == engines.POCKETSPHINX
    assert engines.engine_for(tmp_path / "nowhere") == engines.POCKETSPHINX
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "model.bin").write_bytes(b"half")
    assert engines.engine_for(tmp_path) == engines.POCKETSPHINX
    assert engines.engine_for(models / "..", models.name) == engines.POCKETSPHINX


def test_broken_model_is_told_apart_from_a_broken_recording(said, models, tmp_path):
    folder = tmp_path / "small"
    tiny_whisper.write(folder)
    (folder / "model.bin").write_bytes(b"not a model")
    with pytest.raises(Unready) as caught:
        engines.transcribe(said, engines.engine_for(tmp_path))
    assert not caught.value.permanent
    assert str(tmp_path) not in caught.value.sentence


def test_what_is_no_sound_is_broken(tmp_path):
    path = tmp_path / "voice.wav"
    path.write_bytes(b"RIFF nothing")
    with pytest.raises(Broken):
        engines.transcribe(path, engines.POCKETSPHINX)


def test_speech_ends_at_its_limits(said):
    request = {"task": "transcribe", "wav": str(said), "model": None}
    with pytest.raises((Exhausted, Unready)) as caught:
        engines.in_child(request, said, pace=1, memory_bytes=200_000_000)
    assert not caught.value.permanent


def test_voice_of_a_video_is_heard(tmp_path):
    """The whole way: from the demo's MP4 to a WAV that speech accepts."""
    wav = voice(DEMO / "walkthrough.mp4", tmp_path / "voice.wav")
    with wave.open(str(wav)) as file:
        assert abs(file.getnframes() / 16 - 77_800) < 1500


class TestFetching:
    def test_unknown_name(self, tmp_path):
        with pytest.raises(Refused, match="medium"):
            fetch.fetch("../../etc", tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_what_is_there_is_not_fetched_again(self, models, monkeypatch):
        monkeypatch.setattr(faster_whisper, "download_model", None)
        assert fetch.fetch("small", models) == models / "small"

    def test_hub_out_of_reach_leaves_nothing(self, tmp_path, monkeypatch):
        def unreachable(name, output_dir):
            Path(output_dir, "model.bin").write_bytes(b"half")
            raise ConnectionError("secret.host refused")

        monkeypatch.setattr(faster_whisper, "download_model", unreachable)
        with pytest.raises(Unready) as caught:
            fetch.fetch("small", tmp_path)
        assert "cannot be reached" in caught.value.sentence
        assert "secret.host" not in caught.value.sentence
        assert list(tmp_path.iterdir()) == []

    def test_half_a_model_is_not_kept(self, tmp_path, monkeypatch):
        monkeypatch.setattr(faster_whisper, "download_model", lambda name, output_dir: None)
        with pytest.raises(Unready, match="complete"):
            fetch.fetch("small", tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_model_is_put_in_place_whole(self, models, tmp_path, monkeypatch):
        def deliver(name, output_dir):
            for file in (models / "small").iterdir():
                Path(output_dir, file.name).write_bytes(file.read_bytes())

        monkeypatch.setattr(faster_whisper, "download_model", deliver)
        assert fetch.fetch("small", tmp_path) == tmp_path / "small"
        assert engines.engine_for(tmp_path).name == "whisper-small"
        assert [entry.name for entry in tmp_path.iterdir()] == ["small"]
