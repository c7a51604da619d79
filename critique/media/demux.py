"""Runs as its own program inside the sandbox: describe a recording by reading its packets.

`python -I demux.py OPTIONS FILE` prints one JSON object. Nothing but the first picture is decoded
(it carries the rotation), so hours of video take about as long as reading the file.
"""

from __future__ import annotations

import json
import sys
from array import array
from fractions import Fraction
from typing import Any

import av
from av.stream import Disposition

# How far (in frames) a picture may stand from an even count for its number to be the same to every
# player: half a frame is where two numbers meet, the rest is left to the player's own rounding. In
# ms it is less than the guard the player's seeks keep (GUARD_MS in static/js/frames.js).
STEADY_FRAMES = 0.3
STEADY_MS = 8
# Films for television run a thousandth slower than they say (SMPTE 12M): 30 is 30000/1001.
TELEVISION = Fraction(1000, 1001)
MAX_DENOMINATOR = 100_000
# RFC 6386, 9.1: this bit of a frame's first byte says whether VP8 shows it or only refers to it.
VP8_SHOWN = 0x10


def main() -> None:
    """Print what the file named on the command line holds, or why it cannot be read."""
    options = json.loads(sys.argv[1])
    try:
        answer = describe(sys.argv[2], options)
    except (av.error.FFmpegError, ValueError) as failure:
        answer = {"failure": type(failure).__name__}
    json.dump(answer, sys.stdout)


def describe(path: str, options: dict[str, str]) -> dict[str, Any]:
    """Return container, streams, measured length (ms) and picture timing of one file."""
    with av.open("file:" + path, container_options=options) as container:
        video = _first(container.streams.video)
        audio = _first(container.streams.audio)
        wanted = [stream for stream in (video, audio) if stream is not None]
        start_ms = (container.start_time or 0) / 1000
        times = {stream.index: Times(stream, start_ms) for stream in wanted}
        if wanted:
            for packet in container.demux(wanted):
                times[packet.stream.index].add(packet)
        described: dict[str, Any] = {
            "container": container.format.name,
            "streams": len(container.streams),
            "duration_ms": max((t.end_ms for t in times.values()), default=0),
            "video": None,
            "audio": None,
        }
        if video is not None and times[video.index].starts:
            timing = times[video.index].pictures(described["duration_ms"], _declared(video))
            described["video"] = _video(video) | timing
        if audio is not None and times[audio.index].starts:
            described["audio"] = {"codec": audio.codec_context.name}
    if described["video"]:
        described["video"]["rotation"] = _rotation(path, options, described["video"]["pixels"])
    return described


def _first(streams: Any) -> Any:
    """Take the first stream of a kind; a cover picture is no video."""
    moving = (s for s in streams if not s.disposition & Disposition.attached_pic)
    return next((s for s in moving if s.time_base), None)


def _video(stream: Any) -> dict[str, Any]:
    context = stream.codec_context
    return {
        "codec": context.name,
        "width": context.width,
        "height": context.height,
        "pixels": context.width * context.height,
        "pixel_format": context.pix_fmt or "",
    }


def _declared(stream: Any) -> list[Fraction]:
    return [Fraction(rate) for rate in (stream.average_rate, stream.base_rate) if rate]


def _rotation(path: str, options: dict[str, str], pixels: int) -> int:
    """Degrees clockwise a player turns the picture by: 0, 90, 180 or 270."""
    if pixels > int(options.get("max_pixels", pixels)):
        return 0
    try:
        with av.open("file:" + path, container_options=options) as container:
            stream = _first(container.streams.video)
            for packet in container.demux(stream):
                for frame in packet.decode():
                    return int(round(-frame.rotation / 90) * 90 % 360)
    except av.error.FFmpegError:
        pass
    return 0


class Times:
    """The clock of one stream, collected packet by packet.

    It begins with the file, as in every player and in what ffmpeg copies from it.
    """

    def __init__(self, stream: Any, start_ms: float) -> None:
        self.base: Fraction = stream.time_base
        self.start_ms = start_ms
        self.hides = stream.codec_context.name == "vp8"
        self.starts = array("q")
        self.shown = array("q")
        self.keys = array("q")
        self.end_ms = 0

    def add(self, packet: Any) -> None:
        """Count one packet, unless it carries nothing."""
        start = packet.pts if packet.pts is not None else packet.dts
        if start is None or packet.size == 0:
            return
        self.starts.append(start)
        if packet.is_keyframe:
            self.keys.append(start)
        if self._shows(packet):
            self.shown.append(start)
        end = self._ms(start + (packet.duration or 0)) - self.start_ms
        self.end_ms = max(self.end_ms, round(end))

    def pictures(self, duration_ms: int, declared: list[Fraction]) -> dict[str, Any]:
        """The pictures a player shows, their steadiness, and the longest way between key frames."""
        starts, shown = sorted(self.starts), sorted(self.shown)
        rate = steady_rate(shown, self.base, declared)
        gap_ms, gap_pictures = self._gaps(starts, duration_ms)
        return {
            "rate": [rate.numerator, rate.denominator] if rate else None,
            "variable_rate": rate is None and len(shown) > 1,
            "pictures": len(shown),
            "first_picture_ms": round(self._ms(shown[0]) - self.start_ms) if shown else 0,
            "max_keyframe_gap_ms": gap_ms,
            "max_keyframe_gap_pictures": gap_pictures,
        }

    def _shows(self, packet: Any) -> bool:
        """Whether a picture comes of it: not one an edit list cuts away, none VP8 keeps hidden."""
        if packet.is_discard:
            return False
        return not self.hides or bool(memoryview(packet)[0] & VP8_SHOWN)

    def _gaps(self, starts: list[int], duration_ms: int) -> tuple[int, int]:
        keys = set(self.keys)
        widest_ms = widest = since = 0
        last_ms = round(self._ms(starts[0]))
        for start in starts:
            since += 1
            if start in keys:
                widest, since = max(widest, since), 0
                start_ms = round(self._ms(start))
                widest_ms, last_ms = max(widest_ms, start_ms - last_ms), start_ms
        end_ms = duration_ms + round(self.start_ms)
        return max(widest_ms, end_ms - last_ms), max(widest, since)

    def _ms(self, ticks: int) -> float:
        return float(ticks * self.base * 1000)


def steady_rate(starts: list[int], base: Fraction, declared: list[Fraction]) -> Fraction | None:
    """Pictures a second, exactly, where counting evenly names every one of them; else None.

    `starts` are sorted ticks of `base` seconds, `declared` what the file says of itself. Rates that
    fit within the rounding of the ticks come first, of those the ones in use, of those the declared
    ones. Any other must leave no picture further off than `STEADY_FRAMES` and `STEADY_MS`.
    """
    if len(starts) < 2:
        return declared[0] if declared else None
    if starts[-1] == starts[0]:
        return None
    measured = Fraction(len(starts) - 1, starts[-1] - starts[0]) / base
    used = [Fraction(round(measured)), round(measured / TELEVISION) * TELEVISION]
    offs: dict[Fraction, tuple[float, float]] = {}
    for rate in (*used, *declared, measured.limit_denominator(MAX_DENOMINATOR)):
        offs[rate] = _off(starts, float(base * rate))

    def order(rate: Fraction) -> tuple[float, ...]:
        low, high = offs[rate]
        if high - low > float(base * rate) * 1.001:
            return (1, high - low)
        return (0, rate not in used, rate not in declared, high - low)

    def steady(rate: Fraction) -> bool:
        return max(map(abs, offs[rate])) <= min(STEADY_FRAMES, float(rate) * STEADY_MS / 1000)

    return min(filter(steady, offs), key=order, default=None)


def _off(starts: list[int], frames_a_tick: float) -> tuple[float, float]:
    """How far the earliest and the latest picture stand from an even count, in frames."""
    first = starts[0]
    off = [(start - first) * frames_a_tick - at for at, start in enumerate(starts)]
    return min(off), max(off)


if __name__ == "__main__":
    main()
