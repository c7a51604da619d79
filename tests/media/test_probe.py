"""What a recording is, measured; and what is none, refused with a sentence."""

from __future__ import annotations

import dataclasses
import http.server
import struct
import threading
from fractions import Fraction
from pathlib import Path

import av
import pytest

from critique.media import render
from critique.media.demux import steady_rate
from critique.media.errors import Broken, MediaError, Refused
from critique.media.probe import probe
from tests.journeys.numbered import RECORDINGS
from tests.media.conftest import PICTURE, run_ffmpeg

PLAYLIST = "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1.0,\n{target}\n#EXT-X-ENDLIST\n"


def test_plain_video(plain):
    found = probe(plain)
    assert (found.width, found.height, found.rotation) == (320, 180, 0)
    assert (found.video_codec, found.pixel_format, found.audio_codec) == ("h264", "yuv420p", "aac")
    assert found.frame_rate == (25, 1)
    assert not found.variable_rate
    assert abs(found.duration_ms - 4000) < 60
    assert abs(found.max_keyframe_gap_ms - 1000) <= 40
    assert dataclasses.is_dataclass(found)


def test_frame_rate_stays_a_fraction(record):
    picture = ("-f", "lavfi", "-i", "testsrc2=size=64x64:rate=30000/1001:duration=1")
    path = record("ntsc.mp4", *picture, "-c:v", "libx264", "-pix_fmt", "yuv420p")
    assert probe(path).frame_rate == (30000, 1001)


@pytest.mark.parametrize("fixture", ["recorded_vp8", "recorded_vp9"])
def test_stream_without_a_length_is_measured(fixture, request):
    found = probe(request.getfixturevalue(fixture))
    assert found.container == "matroska,webm"
    assert found.video_codec == fixture.removeprefix("recorded_")
    assert abs(found.duration_ms - 4000) < 100


def test_no_sound(silent):
    assert not probe(silent).has_audio


@pytest.mark.parametrize("fixture", ["sound_only", "sound_with_cover"])
def test_sound_alone_and_a_cover_is_no_video(fixture, request):
    found = probe(request.getfixturevalue(fixture))
    assert (found.has_video, found.has_audio) == (False, True)
    assert (found.width, found.height, found.video_codec) == (0, 0, None)


def test_rotation_is_told_clockwise_and_sides_as_shown(rotated):
    found = probe(rotated)
    assert found.rotation == 270  # ffmpeg was told 90 degrees counterclockwise
    assert (found.shown_width, found.shown_height) == (180, 320)


def test_variable_rate(variable, plain):
    assert probe(variable).variable_rate
    assert not probe(plain).variable_rate


# What a browser's clock and a container make of a rate: 24 kHz to 1 kHz ticks, rounded each.
@pytest.mark.parametrize("ticks", [24_000, 90_000, 1000, 600])
@pytest.mark.parametrize("rate", ["24000/1001", "25", "30000/1001", "30", "60000/1001", "60"])
def test_an_even_rate_is_named_exactly_whatever_rounds_its_times(rate, ticks):
    wanted = Fraction(rate)
    # A quarter of an hour: 30 and 30000/1001 differ by 27 pictures then.
    starts = [round(at / wanted * ticks) for at in range(round(900 * wanted))]
    for declared in ([], [wanted], [Fraction(1000)], [Fraction(30)]):
        assert steady_rate(starts, Fraction(1, ticks), declared) == wanted


def test_short_clips_are_told_apart_by_what_they_say():
    starts = [round(at * 1001 / 30) for at in range(12)]
    for rate in (Fraction(30), Fraction(30000, 1001)):
        assert steady_rate(starts, Fraction(1, 1000), [rate]) == rate


def test_a_phone_that_wavers_is_even_and_counted_by_its_own_pace():
    wavering = [at * 20 + (at * 7 % 3 - 1) + at // 150 for at in range(9000)]
    rate = steady_rate(wavering, Fraction(1, 600), [Fraction(30)])
    assert rate is not None
    assert 29.98 < rate < 30
    off = [float((start - wavering[0]) * rate / 600) - at for at, start in enumerate(wavering)]
    assert max(map(abs, off)) < 0.5


@pytest.mark.parametrize(
    "starts",
    [
        [*range(0, 33_000, 33), *range(33_028, 66_000, 33)],  # a pause of most of a picture
        [at * 33 + (at > 500) * 33 for at in range(1000)],  # one picture was dropped
        [at * 33 + at * 17 % 31 for at in range(1000)],  # as a browser records a camera
        [0, 0, 0],
        [0, 5000, 5016, 9000],
        [at * 1000 + at % 2 * 20 for at in range(60)],  # too far off for a player's seek
    ],
    ids=["pause", "dropped", "camera", "at once", "screen", "slides"],
)
def test_uneven_pictures_have_no_rate(starts):
    declared = [Fraction(30), Fraction(1000, 33)]
    assert steady_rate(sorted(starts), Fraction(1, 1000), declared) is None


def test_one_picture_has_the_rate_it_says():
    assert steady_rate([0], Fraction(1, 1000), [Fraction(25)]) == 25
    assert steady_rate([0], Fraction(1, 1000), []) is None


def test_the_rate_of_uneven_pictures_is_none(variable):
    found = probe(variable)
    assert (found.frame_rate, found.pictures) == (None, 40)


@pytest.mark.parametrize("name", RECORDINGS)
def test_pictures_are_counted_as_they_are_played(name, tmp_path):
    """Edit lists, hidden pictures, late beginnings: the file that is played has the same clock."""
    made = RECORDINGS[name](tmp_path)
    found = probe(made.path)
    played = render.playable(made.path, found, tmp_path / "made")
    for one in (found, probe(played.path)):
        assert one.frame_rate == made.rate
        assert one.variable_rate == (made.rate is None)
        assert one.pictures == len(made.numbers)
        assert one.first_picture_ms == round(made.begins[0])
        lasts = made.begins[-1] - made.begins[0]
        assert one.duration_ms >= made.begins[0] + lasts


def test_pictures_that_are_stored_and_not_shown_are_not_counted(tmp_path):
    made = RECORDINGS["ntsc_hiding"](tmp_path)
    with av.open(str(made.path)) as container:
        stored = sum(packet.size > 0 for packet in container.demux(video=0))
    assert stored > len(made.numbers) == probe(made.path).pictures


def test_a_recording_that_starts_late_is_as_long_as_it_plays(record):
    picture = ("-f", "lavfi", "-i", "testsrc2=size=64x64:rate=25:duration=2")
    whole = record("begins.mp4", *picture, "-c:v", "libx264", "-pix_fmt", "yuv420p")
    late = ("-itsoffset", "3", "-i", str(whole), "-c", "copy", "-copyts")
    found = probe(record("begins_late.webm.mkv", *late))
    assert (found.duration_ms, found.first_picture_ms) == (2000, 0)


def test_far_key_frames_are_noticed(far_keys):
    found = probe(far_keys)
    assert found.max_keyframe_gap_ms > 12_000
    assert found.max_keyframe_gap_pictures > 360


def refusal(path: Path, kind: type[MediaError] = Refused) -> str:
    with pytest.raises(kind) as caught:
        probe(path)
    assert caught.value.permanent
    sentence = caught.value.sentence
    assert str(path) not in sentence
    assert path.name not in sentence
    assert sentence.endswith(".")
    return sentence


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Dear mentor, here is my video.\n" * 50,
        b"<!doctype html><title>video</title>",
        b"%PDF-1.7 something",
        b"ffconcat version 1.0\nfile '/etc/hostname'\n",
        b"\x00\x00\x00\x1cftypheic\x00\x00\x00\x00mif1heic",
        b"G" + b"o" * 600,
    ],
    ids=["empty", "text", "html", "pdf", "concat", "heic", "letter"],
)
def test_no_recording(tmp_path, content):
    path = tmp_path / "walkthrough.mp4"
    path.write_bytes(content)
    refusal(path)


@pytest.mark.parametrize("name", ["still.png", "still.jpg", "still.gif"])
def test_image_renamed(tmp_path, name):
    run_ffmpeg("-f", "lavfi", "-i", "color=red:size=64x64", "-frames:v", "1", str(tmp_path / name))
    refusal((tmp_path / name).rename(tmp_path / "walkthrough.mp4"))


def test_cut_off_before_its_index(tmp_path, plain):
    path = tmp_path / "cut.mp4"
    path.write_bytes(plain.read_bytes()[:20_000])
    assert "kept" in refusal(path, Broken)


def test_noise_behind_a_right_beginning(tmp_path):
    path = tmp_path / "noise.webm"
    path.write_bytes(b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 40)
    refusal(path, Broken)


def test_hours_in_a_few_kilobytes(endless):
    assert endless.stat().st_size < 20_000
    assert "10.0 hours" in refusal(endless)


def test_limits_are_the_callers(plain):
    with pytest.raises(Refused):
        probe(plain, max_duration_ms=2000)
    with pytest.raises(Refused):
        probe(plain, max_side=200)
    with pytest.raises(Refused):
        probe(plain, max_pixels=1000)


@pytest.mark.parametrize("side", [12_000, 1_000_000])
def test_absurd_dimensions(tmp_path, side):
    """Raw pictures in an AVI: only the header says how large they are."""
    path = tmp_path / "huge.avi"
    run_ffmpeg(*PICTURE, "-c:v", "rawvideo", "-frames:v", "2", str(path))
    told, lie = struct.pack("<II", 320, 180), struct.pack("<II", side, side)
    assert told in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(told, lie))
    refusal(path)


class Listener(http.server.BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self):
        self.asked.append(self.path)
        self.send_error(404)

    def log_message(self, *_):
        pass


@pytest.fixture
def canary_address():
    Listener.asked = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/canary.ts"
    server.shutdown()
    thread.join()
    server.server_close()
    assert Listener.asked == []


@pytest.mark.parametrize("name", ["list.m3u8", "list.mp4", "list.webm"])
def test_playlist_reads_no_file_and_calls_nobody(tmp_path, plain, canary_address, name):
    for target in (f"file://{plain}", canary_address):
        path = tmp_path / name
        path.write_text(PLAYLIST.format(target=target))
        refusal(path)


def test_playlist_behind_a_right_beginning(tmp_path, plain, canary_address):
    for target in (f"concat:file://{plain}", canary_address):
        path = tmp_path / "list.mp4"
        box = struct.pack(">I4s", 16, b"ftyp") + b"isom\0\0\2\0"
        path.write_bytes(box + PLAYLIST.format(target=target).encode())
        refusal(path, Broken)


def test_avi_with_a_playlist_inside(tmp_path, plain, canary_address):
    """The GAB2 subtitle stream of CVE-2017-9993: its playlist is never followed."""
    for target in (f"file://{plain}", canary_address):
        path = tmp_path / "inside.avi"
        run_ffmpeg(*PICTURE, "-c:v", "mjpeg", "-frames:v", "5", str(path))
        playlist = PLAYLIST.format(target=target).encode()
        gab2 = b"GAB2\0" + struct.pack("<HIHI", 2, 2, 0, 4) + struct.pack("<I", len(playlist))
        path.write_bytes(_with_subtitles(path.read_bytes(), gab2 + playlist))
        try:
            found = probe(path)
        except MediaError:
            continue
        assert (found.width, found.height) == (320, 180)


def _with_subtitles(avi: bytes, content: bytes) -> bytes:
    """Put a text stream list and one chunk of it into an AVI."""
    strh = b"txts" + bytes(16) + struct.pack("<7I", 1, 25, 0, 1, len(content), 0, 0) + bytes(8)
    strf = bytes(16)
    inner = b"strl" + b"strh" + struct.pack("<I", len(strh)) + strh
    inner += b"strf" + struct.pack("<I", len(strf)) + strf
    stream = b"LIST" + struct.pack("<I", len(inner)) + inner
    header_end = 12 + 8 + struct.unpack("<I", avi[16:20])[0]
    grown = struct.pack("<I", header_end - 20 + len(stream))
    avi = avi[:16] + grown + avi[20:header_end] + stream + avi[header_end:]
    movi = avi.index(b"movi") + 4
    chunk = b"01sb" + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
    return avi[:movi] + chunk + avi[movi:]
