"""What becomes of a picture: its pixels, its turning, what goes, what is refused, its hash."""

from __future__ import annotations

import struct
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest

from critique.media import stills
from critique.media.binary import ffmpeg_path
from critique.media.errors import Broken, MediaError, Refused
from critique.media.images import UPRIGHT, image_of, png_chunks
from critique.media.pictures import frame_hashes, hash_of, still_hash
from critique.media.probe import probe
from tests.media.conftest import run_ffmpeg

CANARY = b"50.0647N-19.9450E"


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of(
    size: tuple[int, int], colour: tuple[int, ...], *, depth: int = 8, more: bytes = b""
) -> bytes:
    """A PNG of one colour (3 or 4 channels), with chunks of somebody's choice before the end."""
    width, height = size
    kind = {3: 2, 4: 6}[len(colour)]
    each = struct.pack(f">{len(colour)}{'B' if depth == 8 else 'H'}", *colour)
    rows = (b"\0" + each * width) * height
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + head + more + body + chunk(b"IEND", b"")


def exif(orientation: int) -> bytes:
    """Exif with an orientation and a text that tells a place."""
    entries = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    entries += struct.pack("<HHII", 0x010E, 2, len(CANARY) + 1, 38)
    return b"II*\0" + struct.pack("<IH", 8, 2) + entries + struct.pack("<I", 0) + CANARY + b"\0"


def jpeg_with_place(orientation: int = UPRIGHT) -> bytes:
    """A JPEG, red on the left and blue on the right, with Exif and a comment."""
    plain = made_by_ffmpeg("color=red:size=32x32,format=yuvj444p,pad=64:32:0:0:blue", "mjpeg")
    told = b"Exif\0\0" + exif(orientation)
    segments = b"\xff\xe1" + struct.pack(">H", len(told) + 2) + told
    segments += b"\xff\xfe" + struct.pack(">H", len(CANARY) + 2) + CANARY
    return plain[:2] + segments + plain[2:]


def made_by_ffmpeg(picture: str, codec: str, *more: str, form: str = "image2pipe") -> bytes:
    return run_ffmpeg(
        "-f", "lavfi", "-i", picture, "-frames:v", "1", "-c:v", codec, *more, "-f", form, "pipe:1"
    )


def pixels(path: Path) -> np.ndarray:
    """The picture as rows of red, green and blue."""
    shape = image_of(path.read_bytes())
    command = [ffmpeg_path(), "-v", "error", "-i", str(path), "-f", "rawvideo"]
    raw = subprocess.run([*command, "-pix_fmt", "rgb24", "-"], capture_output=True, check=True)
    return np.frombuffer(raw.stdout, np.uint8).reshape(shape.height, shape.width, 3)


@pytest.fixture
def read(tmp_path):
    def write(data: bytes) -> stills.Picture:
        source = tmp_path / "source"
        source.write_bytes(data)
        return stills.picture(source, tmp_path, "still-1")

    return write


def test_a_png_keeps_every_pixel(read, tmp_path):
    noise = tmp_path / "noise.png"
    noise.write_bytes(made_by_ffmpeg("testsrc2=size=321x123,format=rgb24", "png"))
    found = read(noise.read_bytes())
    assert (found.type, found.width, found.height) == ("image/png", 321, 123)
    assert np.array_equal(pixels(found.path), pixels(noise))


def test_a_lossless_webp_keeps_every_pixel(read, tmp_path):
    source = tmp_path / "exact.webp"
    picture = "testsrc2=size=64x48,format=rgb24"
    source.write_bytes(made_by_ffmpeg(picture, "libwebp", "-lossless", "1", form="webp"))
    found = read(source.read_bytes())
    assert found.type == "image/png"
    assert np.array_equal(pixels(found.path), pixels(source))


def test_a_lossy_webp_becomes_a_jpeg_of_its_size(read):
    picture = "testsrc2=size=64x48,format=yuv420p"
    found = read(made_by_ffmpeg(picture, "libwebp", form="webp"))
    assert (found.type, found.width, found.height) == ("image/jpeg", 64, 48)


@pytest.mark.parametrize(
    ("orientation", "size", "red"),
    [
        (1, (64, 32), "left"), (2, (64, 32), "right"), (3, (64, 32), "right"),
        (4, (64, 32), "left"), (5, (32, 64), "top"), (6, (32, 64), "top"),
        (7, (32, 64), "bottom"), (8, (32, 64), "bottom"),
    ],
)  # fmt: skip
def test_a_photograph_stands_as_it_was_held(read, orientation, size, red):
    found = read(jpeg_with_place(orientation))
    assert (found.width, found.height) == size
    seen = pixels(found.path).astype(int)
    half = {
        "left": seen[:, : size[0] // 2], "right": seen[:, size[0] // 2 :],
        "top": seen[: size[1] // 2], "bottom": seen[size[1] // 2 :],
    }[red]  # fmt: skip
    assert half[..., 0].mean() > 200
    assert half[..., 2].mean() < 60
    assert image_of(found.path.read_bytes()).orientation == UPRIGHT


def test_place_camera_words_and_what_lies_behind_the_end_are_gone(read):
    told = chunk(b"tEXt", b"Comment\0" + CANARY) + chunk(b"eXIf", exif(6))
    for data in (jpeg_with_place(), png_of((60, 40), (1, 2, 3), more=told)):
        found = read(data + b"<!doctype html><script>" + CANARY)
        for path in (found.path, found.small):
            assert CANARY not in path.read_bytes()
            assert b"<script>" not in path.read_bytes()
            assert b"Exif" not in path.read_bytes()


def test_a_png_told_to_be_turned_is_turned(read):
    found = read(png_of((60, 40), (1, 2, 3), more=chunk(b"eXIf", exif(6))))
    assert (found.width, found.height) == (40, 60)


def test_a_colour_profile_stays_because_designers_look_at_colours(read):
    profile = struct.pack(">I4xI4s4s4s", 132, 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    profile += bytes(12) + b"acsp" + bytes(132 - 40)
    told = chunk(b"iCCP", b"wide\0\0" + zlib.compress(profile))
    kept = dict(png_chunks(read(png_of((20, 20), (9, 9, 9), more=told)).path.read_bytes()))
    _, _, packed = kept[b"iCCP"].partition(b"\0")
    assert zlib.decompress(packed[1:]) == profile


def test_sixteen_bits_become_what_screens_show(read):
    found = read(png_of((20, 10), (65535, 32896, 0), depth=16))
    assert np.abs(pixels(found.path)[0, 0].astype(int) - [255, 128, 0]).max() <= 1


def test_what_is_see_through_stays_so_and_its_small_picture_is_on_white(read):
    found = read(png_of((600, 20), (0, 0, 0, 0)))
    assert image_of(found.path.read_bytes()).alpha
    assert pixels(found.small).min() > 250
    half = read(png_of((60, 20), (0, 0, 0, 255)))
    assert pixels(half.small).max() < 5


def test_small_pictures_are_never_blown_up(read):
    found = read(png_of((10, 8), (3, 3, 3)))
    assert (found.width, found.height) == (10, 8)
    assert image_of(found.small.read_bytes()).shown_size == (10, 8)
    wide = read(png_of((1000, 10), (3, 3, 3)))
    assert image_of(wide.small.read_bytes()).width == stills.SMALL_WIDTH


@pytest.mark.parametrize(
    ("came", "shown"),
    [
        ((5120, 2880), (5120, 2880)),
        ((1440, 16_000), (1440, 16_000)),
        ((8000, 6000), (5656, 4242)),
        ((100, 32_000), (51, 16_384)),
        ((1, 30_000), (1, 16_384)),
    ],
)
def test_a_screen_keeps_its_pixels_and_a_photograph_gets_smaller(came, shown):
    assert stills.shown_size(*came) == shown


def test_a_large_picture_is_made_smaller(read, monkeypatch):
    monkeypatch.setattr(stills, "SHOWN_PIXELS", 1000)
    found = read(png_of((100, 50), (7, 7, 7)))
    assert (found.width, found.height) == (44, 22)


@pytest.mark.parametrize("form", ["apng", "webp"])
def test_of_an_animation_the_first_picture_is_shown(read, form):
    picture = "color=red:size=40x20:rate=5:duration=1,format=rgb24"
    later = "drawbox=t=fill:color=blue:enable='gte(n,1)'"
    codec = {"apng": "apng", "webp": "libwebp_anim"}[form]
    more = ["-lossless", "1"] if form == "webp" else []
    data = run_ffmpeg(
        "-f", "lavfi", "-i", f"{picture},{later}", "-c:v", codec, *more, "-f", form, "pipe:1"
    )
    assert image_of(data).animated
    found = read(data)
    red, _, blue = pixels(found.path)[10, 20].tolist()
    assert red > 200
    assert blue < 50


def cmyk_jpeg() -> bytes:
    """16 x 16 pixels of one ink each (Adobe's way, turned round), baseline, made by hand."""
    table = b"\xff\xdb" + struct.pack(">H", 67) + b"\0" + b"\x01" * 64
    sides = b"".join(bytes([at, 0x11, 0]) for at in range(1, 5))
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 20, 8, 8, 8, 4) + sides
    # One code word each: differences of 11 bits for the first value, the end for all others.
    first = b"\xff\xc4" + struct.pack(">H", 20) + b"\0" + bytes([1] + [0] * 15) + b"\x0a"
    others = b"\xff\xc4" + struct.pack(">H", 20) + b"\x10" + bytes([1] + [0] * 15) + b"\0"
    scan = b"\xff\xda" + struct.pack(">HB", 14, 4)
    scan += b"".join(bytes([at, 0]) for at in range(1, 5)) + b"\0\x3f\0"
    bits = ""
    for value in (1016, -1024 + 512, -1024 + 512, 1016):
        code = value if value > 0 else value + (1 << 10) - 1
        bits += "0" + format(code, "010b") + "0"
    bits += "1" * (-len(bits) % 8)
    body = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    adobe = b"\xff\xee" + struct.pack(">H", 14) + b"Adobe\0\x64" + bytes(5)
    return b"\xff\xd8" + adobe + table + frame + first + others + scan + body + b"\xff\xd9"


def test_a_picture_for_print_is_shown_in_screen_colours(read):
    data = cmyk_jpeg()
    assert image_of(data).channels == 4
    found = read(data)
    assert (found.type, found.width, found.height) == ("image/jpeg", 8, 8)
    assert image_of(found.path.read_bytes()).channels == 3


@pytest.mark.parametrize("share", [0.4, 0.9, 0.999])
@pytest.mark.parametrize("codec", ["png", "mjpeg", "libwebp"])
def test_what_is_cut_off_is_told_as_damaged(read, codec, share):
    form = "webp" if codec == "libwebp" else "image2pipe"
    data = made_by_ffmpeg("testsrc2=size=200x150", codec, form=form)
    with pytest.raises(Broken) as caught:
        read(data[: int(len(data) * share)])
    assert "kept" in caught.value.sentence


@pytest.mark.parametrize("at", range(8, 120, 7))
def test_a_picture_with_a_flipped_byte_is_shown_or_refused_in_words(read, at):
    data = bytearray(png_of((30, 20), (5, 5, 5)))
    data[at % len(data)] ^= 0x55
    refusal = None
    try:
        found = read(bytes(data))
    except MediaError as error:
        refusal = error
    if refusal is None:
        assert image_of(found.path.read_bytes()).width == found.width
    else:
        assert refusal.permanent
        assert refusal.sentence.endswith(".")


def test_a_file_too_large_to_be_a_picture_is_not_even_read(read, monkeypatch):
    monkeypatch.setattr(stills, "MAX_FILE_BYTES", 100)
    with pytest.raises(Refused):
        read(bytes(101))


def test_the_hash_of_a_picture_is_that_of_a_frame_that_shows_it(tmp_path, record):
    picture = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=1:duration=1")
    video = record("one.mp4", *picture, "-c:v", "libx264", "-pix_fmt", "yuv420p")
    png = record("one.png", *picture, "-frames:v", "1")
    still = still_hash(png, tmp_path)
    _, frame = frame_hashes(video, probe(video), tmp_path)[0]
    assert apart(still, frame) <= 4
    other = tmp_path / "other.png"
    other.write_bytes(made_by_ffmpeg("mandelbrot=size=320x180", "png"))
    assert apart(still, still_hash(other, tmp_path)) > 16


def test_frames_are_hashed_twice_a_second(tmp_path, plain, sound_only):
    hashes = frame_hashes(plain, probe(plain), tmp_path)
    assert [ms for ms, _ in hashes] == list(range(0, 4000, 500))
    assert all(len(bits) == 16 for _, bits in hashes)
    assert frame_hashes(sound_only, probe(sound_only), tmp_path) == []


def test_the_hash_bears_brightness_and_noise():
    chance = np.random.default_rng(1)
    grid = np.kron(chance.integers(20, 220, (8, 8)), np.ones((4, 4)))
    noisy = grid * 0.9 + 12 + chance.normal(0, 3, (32, 32))
    assert apart(hash_of(grid.astype(np.uint8)), hash_of(noisy.astype(np.uint8))) <= 8
    assert apart(hash_of(grid.astype(np.uint8)), hash_of(grid.T.astype(np.uint8))) > 16


def test_nothing_to_be_seen_has_no_hash(tmp_path):
    path = tmp_path / "page.png"
    path.write_bytes(b"<!doctype html>")
    with pytest.raises(Broken):
        still_hash(path, tmp_path)


def apart(one: str, other: str) -> int:
    """In how many bits two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
