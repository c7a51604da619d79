"""What browsers get: copied where they can play it, encoded where not, and the parts beside it."""

from __future__ import annotations

import hashlib
import json
import re
import wave
from pathlib import Path

import numpy as np
import pytest

from critique.media import render
from critique.media.errors import MediaError
from critique.media.probe import probe
from tests.media.conftest import PICTURE, run_ffmpeg


def play(source: Path, folder: Path) -> tuple[render.Playable, object]:
    made = render.playable(source, probe(source), folder)
    assert made.path.parent == folder
    assert [entry.name for entry in folder.iterdir()] == [made.path.name]
    return made, probe(made.path)


def boxes(path: Path) -> list[bytes]:
    """Names of the top boxes of an MP4."""
    data, at, names = path.read_bytes(), 0, []
    while at < len(data):
        names.append(data[at + 4 : at + 8])
        at += int.from_bytes(data[at : at + 4], "big")
    return names


def picture_digest(path: Path) -> str:
    """Digest of the video packets as stored."""
    told = run_ffmpeg("-i", str(path), "-map", "0:v", "-c", "copy", "-f", "rawvideo", "pipe:1")
    return hashlib.sha256(told).hexdigest()


def test_plain_video_is_copied_and_starts_fast(plain, tmp_path):
    made, found = play(plain, tmp_path)
    assert (made.copied, made.type) == (True, "video/mp4")
    assert (made.width, made.height) == (320, 180)
    assert boxes(made.path).index(b"moov") < boxes(made.path).index(b"mdat")
    assert picture_digest(made.path) == picture_digest(plain)
    assert abs(found.duration_ms - 4000) < 60


@pytest.mark.parametrize("fixture", ["recorded_vp8", "recorded_vp9"])
def test_recorder_stream_is_copied_and_gets_length_and_cues(fixture, tmp_path, request):
    source = request.getfixturevalue(fixture)
    made, found = play(source, tmp_path)
    assert (made.copied, made.type) == (True, "video/webm")
    cues, length = b"\x1c\x53\xbb\x6b", b"\x44\x89\x88"
    assert cues in made.path.read_bytes()
    assert length in made.path.read_bytes()[:1000]
    assert length not in source.read_bytes()[:1000]
    assert abs(found.duration_ms - 4000) < 100


def test_silent_recording_is_fine(silent, tmp_path):
    made, found = play(silent, tmp_path)
    assert made.copied
    assert not found.has_audio


@pytest.mark.parametrize("fixture", ["odd", "deep", "prores", "far_keys"])
def test_what_browsers_cannot_play_is_encoded(fixture, tmp_path, request):
    source = request.getfixturevalue(fixture)
    made, found = play(source, tmp_path)
    assert not made.copied
    assert (found.video_codec, found.pixel_format) == ("h264", "yuv420p")
    assert (found.width, found.height) == (made.width, made.height)
    assert found.width % 2 == found.height % 2 == 0
    assert found.width <= probe(source).width
    assert found.max_keyframe_gap_ms <= 2100
    assert found.has_audio == probe(source).has_audio


def test_rotation_is_kept_when_copied(rotated, tmp_path):
    made, found = play(rotated, tmp_path)
    assert made.copied
    assert (made.width, made.height) == (180, 320)
    assert found.rotation == 270


def test_rotation_is_applied_when_encoded(record, tmp_path):
    upright = record("upright.mov", *PICTURE, "-c:v", "prores_ks", "-frames:v", "5")
    turned = record("turned.mov", "-display_rotation", "90", "-i", str(upright), "-c", "copy")
    made, found = play(turned, tmp_path)
    assert (made.copied, made.width, made.height) == (False, 180, 320)
    assert (found.width, found.height, found.rotation) == (180, 320, 0)


def test_variable_rate_is_kept(variable, record, tmp_path):
    made, found = play(variable, tmp_path / "copied")
    assert made.copied
    odd_variable = record("vodd.mp4", "-i", str(variable), "-vf", "crop=319:179", "-pix_fmt",
                          "yuv444p", "-fps_mode", "passthrough")  # fmt: skip
    made, found = play(odd_variable, tmp_path / "encoded")
    assert not made.copied
    assert found.variable_rate


def test_sound_in_another_codec_is_encoded_beside_a_copied_picture(record, tmp_path):
    tone = ("-f", "lavfi", "-i", "sine=duration=4")
    codecs = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "libopus")
    source = record("opus.mkv", *PICTURE, *tone, *codecs)
    made, found = play(source, tmp_path)
    assert made.copied
    assert (found.video_codec, found.audio_codec) == ("h264", "aac")


def test_late_sound_stays_late(late_sound, tmp_path):
    made, _ = play(late_sound, tmp_path / "video")
    wav = render.voice(made.path, tmp_path / "voice.wav")
    heard = loudness(wav)
    assert heard[:1800].max() < 0.01 < heard[2200:3800].min()


def loudness(wav: Path) -> np.ndarray:
    """Mean level of each ms."""
    with wave.open(str(wav)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    return np.abs(samples[: len(samples) // 16 * 16].reshape(-1, 16)).mean(axis=1)


@pytest.mark.parametrize("fixture", ["sound_only", "sound_with_cover"])
def test_sound_alone(fixture, tmp_path, request):
    source = request.getfixturevalue(fixture)
    made, found = play(source, tmp_path)
    assert (made.type, made.copied, made.width, made.height) == ("audio/mp4", True, 0, 0)
    assert not found.has_video
    assert render.poster(source, probe(source), tmp_path / "poster.jpg") is None
    assert render.sprite(source, probe(source), tmp_path) is None


def test_raw_sound_becomes_aac(record, tmp_path):
    source = record("sound.wav", "-f", "lavfi", "-i", "sine=duration=2")
    made, found = play(source, tmp_path)
    assert (made.type, made.copied, found.audio_codec) == ("audio/mp4", False, "aac")


def test_titles_and_places_are_not_passed_on(plain, record, tmp_path):
    titled = record("titled.mp4", "-i", str(plain), "-c", "copy", "-metadata", "title=canary-title",
                    "-metadata", "location=+51.5-000.1/")  # fmt: skip
    assert b"canary-title" in titled.read_bytes()
    made, _ = play(titled, tmp_path)
    assert b"canary-title" not in made.path.read_bytes()


@pytest.mark.parametrize(
    ("size", "becomes"),
    [
        ((1280, 720), (1280, 720)),
        ((321, 181), (320, 180)),
        ((3840, 2160), (1920, 1080)),
        ((1080, 1920), (1080, 1920)),
        ((2160, 3840), (1080, 1920)),
        ((8000, 10), (1920, 2)),
        ((1, 1), (2, 2)),
    ],
)
def test_encoded_size(size, becomes):
    assert render.encoded_size(*size) == becomes


@pytest.mark.parametrize("fixture", ["plain", "recorded_vp8", "deep", "odd", "rotated", "silent"])
def test_pictures(fixture, tmp_path, request):
    source = request.getfixturevalue(fixture)
    found = probe(source)
    poster = render.poster(source, found, tmp_path / "poster.jpg")
    assert jpeg_size(poster) in {
        (found.shown_width, found.shown_height // 2 * 2),
        (found.shown_width, (found.shown_height + 1) // 2 * 2),
    }
    sprite = render.sprite(source, found, tmp_path)
    width, height = jpeg_size(sprite.image)
    track = sprite.vtt.read_text()
    tiles = re.findall(r"sprite\.jpg#xywh=(\d+),(\d+),160,90", track)
    assert len(tiles) == -(-found.duration_ms // 1000)
    assert all(int(x) + 160 <= width and int(y) + 90 <= height for x, y in tiles)
    assert track.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n")


def test_clip_of_one_frame_has_pictures_too(record, tmp_path):
    clip = record("blink.mp4", *PICTURE, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-frames:v", "1")
    found = probe(clip)
    assert render.poster(clip, found, tmp_path / "poster.jpg").stat().st_size > 0
    assert jpeg_size(render.sprite(clip, found, tmp_path).image) == (160, 90)


def test_hours_have_a_bounded_sprite(endless, tmp_path):
    found = probe(endless, max_duration_ms=10**9)
    sprite = render.sprite(endless, found, tmp_path)
    assert jpeg_size(sprite.image) == (1600, 900)
    assert sprite.vtt.read_text().count("sprite.jpg") == 100


def jpeg_size(path: Path) -> tuple[int, int]:
    found = re.search(rb"\xff\xc0\x00\x11\x08(..)(..)", path.read_bytes(), re.DOTALL)
    return int.from_bytes(found[2], "big"), int.from_bytes(found[1], "big")


def test_peaks_follow_the_sound(late_sound, tmp_path):
    found = probe(late_sound)
    drawn = json.loads(render.peaks(late_sound, found, tmp_path / "peaks.json").read_text())
    assert drawn["duration_ms"] == found.duration_ms
    values = np.abs(drawn["peaks"])
    assert len(values) <= 2000
    half = len(values) // 2
    assert values[: half - 5].max() < 0.01 < values[half + 15 : -10].min()
    assert values.max() <= 1


def test_peaks_of_silence_are_zeros(silent, tmp_path):
    drawn = json.loads(render.peaks(silent, probe(silent), tmp_path / "peaks.json").read_text())
    assert set(drawn["peaks"]) == {0.0}


def test_voice_is_what_speech_wants_and_none_without_sound(plain, silent, tmp_path):
    with wave.open(str(render.voice(plain, tmp_path / "voice.wav"))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2)
    assert render.voice(silent, tmp_path / "none.wav") is None


def test_failure_leaves_the_older_result_and_no_scraps(plain, tmp_path):
    made = render.playable(plain, probe(plain), tmp_path)
    before = made.path.read_bytes()
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(b"\0\0\0\x10ftypisom" + bytes(5000))
    with pytest.raises(MediaError):
        render.playable(damaged, probe(plain), tmp_path)
    assert made.path.read_bytes() == before
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["damaged.mp4", "playable.mp4"]


def test_leftover_of_a_killed_process_is_in_nobodys_way(plain, tmp_path):
    (tmp_path / ".playable.mp4.dead.part").write_bytes(b"half")
    assert probe(render.playable(plain, probe(plain), tmp_path).path).has_video


def test_rendering_follows_no_playlist_either(tmp_path, plain):
    """Were the first look fooled, the second would still open only what is allowed."""
    fake = tmp_path / "fake.mp4"
    fake.write_text(f"#EXTM3U\n#EXTINF:1.0,\nfile://{plain}\n#EXT-X-ENDLIST\n")
    with pytest.raises(MediaError):
        render.playable(fake, probe(plain), tmp_path / "out")
