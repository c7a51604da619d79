// @ts-check
// Two videos that say the same sentence at once. One leads, the one that is heard; the other is kept at its counterpart
// by a slightly other speed, and by a seek where it is far off. Times are ms.
import { frameClock } from "app/frames.js";

/** @typedef {"old" | "new"} Side */
/** @typedef {import("app/compare_map.js").TimeMap} TimeMap */
/** @typedef {import("app/frames.js").Cadence} Cadence */
/** @typedef {{side: Side, lead: number, follow: number, gone: boolean}} Moment */

// What is further off than this is not caught up with by speed, which would take more than a second.
const JUMP_MS = 200;
// Speed is chosen so that both meet this far ahead.
const HORIZON_MS = 250;
// The slowest and fastest the follower runs, against the leader; beyond, it waits or seeks.
const [SLOWEST, FASTEST] = [0.4, 2.5];
const WAITS_BELOW = 0.2;
// A change of speed costs the browser a little, so small ones are left and none comes twice in this time.
const [SPEED_STEP, SPEED_PAUSE_MS] = [0.05, 60];
// How long a seek takes is learnt; this is the first guess, and what is believed at most.
const [SEEK_MS, LONGEST_SEEK_MS] = [80, 500];
const SAME_PICTURE_MS = 4;

/** @param {Side} side @returns {Side} */
export const otherOf = (side) => (side === "old" ? "new" : "old");

export class Together extends EventTarget {
  /**
   * @param {Record<Side, HTMLVideoElement>} videos
   * @param {Record<Side, Cadence>} cadences how the pictures of each are counted
   * @param {TimeMap} map from the old one to the new one
   */
  constructor(videos, cadences, map) {
    super();
    this.videos = videos;
    this.maps = { old: map, new: map.reversed() };
    this.clocks = { old: frameClock(videos.old, cadences.old), new: frameClock(videos.new, cadences.new) };
    /** @type {Side} the one that leads, and is heard */
    this.side = "new";
    this.rate = 1;
    this.silent = false;
    this.seekTakes = SEEK_MS;
    this.seekBegan = 0;
    this.speedAt = 0;
    this.gone = false;
    /** @type {number | undefined} where the follower was last put while both stand */
    this.rested = undefined;
    this.listening = new AbortController();
    const { signal } = this.listening;
    for (const side of /** @type {Side[]} */ (["old", "new"])) {
      const video = videos[side];
      for (const name of ["play", "pause", "ended", "volumechange", "ratechange", "loadedmetadata"]) {
        video.addEventListener(name, () => this.dispatchEvent(new Event("state")), { signal });
      }
      video.addEventListener("play", () => { if (side === this.side) this.loop(); }, { signal });
      for (const name of ["pause", "seeked", "timeupdate", "loadedmetadata", "ended"]) {
        video.addEventListener(name, () => this.tick(), { signal });
      }
      video.addEventListener("seeked", () => this.learn(side), { signal });
      video.addEventListener("pause", () => { if (side === this.side) this.clocks[side].hold(); }, { signal });
    }
    this.dress();
  }

  get lead() { return this.videos[this.side]; }
  get follow() { return this.videos[otherOf(this.side)]; }
  get map() { return this.maps[this.side]; }
  get playing() { return !this.lead.paused && !this.lead.ended; }
  /** Where the leader stands (ms): while it stands still, the moment asked for, as a seek lands elsewhere in its picture. */
  get now() { return this.playing ? this.lead.currentTime * 1000 : this.clocks[this.side].now(); }

  /** Only the leader is heard, at the pitch it was recorded in. */
  dress() {
    this.lead.muted = this.silent;
    this.lead.playbackRate = this.rate;
    this.lead.preservesPitch = true;
    this.follow.muted = true;
    this.follow.preservesPitch = false;
  }

  /** Runs with each repaint while the leader plays; its own events carry on in a tab in the background. */
  loop() {
    if (!this.playing) return;
    this.tick();
    requestAnimationFrame(() => this.loop());
  }

  tick() {
    const lead = this.now;
    const target = this.map.at(lead);
    this.gone = target === null;
    if (target === null) this.follow.pause();
    else if (!this.playing) this.rest(target);
    else this.run(lead, target);
    this.dispatchEvent(new Event("time"));
  }

  /** Both stand: the follower shows the very picture. @param {number} target */
  rest(target) {
    const { follow } = this;
    if (!follow.paused) follow.pause();
    if (follow.seeking || Math.abs(follow.currentTime * 1000 - target) < SAME_PICTURE_MS) return;
    const clock = this.clocks[otherOf(this.side)];
    // Once: a picture longer than that is sought to its middle, and is the right one all the same.
    if (this.rested === target) return;
    this.rested = target;
    clock.seek(target);
  }

  /** @param {number} lead @param {number} target */
  run(lead, target) {
    const { follow, map, rate } = this;
    this.rested = undefined;
    if (follow.seeking) return;
    const off = target - follow.currentTime * 1000;
    if (Math.abs(off) > JUMP_MS) {
      this.seekBegan = performance.now();
      follow.currentTime = Math.max(0, map.ahead(lead, this.seekTakes * rate) ?? target) / 1000;
      this.go(rate);
      return;
    }
    const meet = map.ahead(lead, HORIZON_MS * rate) ?? target;
    this.go((meet - follow.currentTime * 1000) / HORIZON_MS);
  }

  /** Lets the follower play at a speed, or wait where that is next to none. @param {number} speed */
  go(speed) {
    const { follow, rate } = this;
    if (speed < WAITS_BELOW * rate) {
      follow.pause();
      return;
    }
    const wanted = Math.max(SLOWEST * rate, Math.min(FASTEST * rate, speed));
    const now = performance.now();
    if (Math.abs(wanted - follow.playbackRate) > SPEED_STEP && now - this.speedAt > SPEED_PAUSE_MS) {
      follow.playbackRate = Math.max(0.1, Math.min(8, wanted));
      this.speedAt = now;
    }
    if (follow.paused && !follow.ended) follow.play().catch(() => { /* paused again before it began */ });
  }

  /** @param {Side} side */
  learn(side) {
    if (side === this.side || !this.seekBegan || !this.playing) return;
    const took = Math.min(LONGEST_SEEK_MS, performance.now() - this.seekBegan);
    this.seekBegan = 0;
    this.seekTakes += (took - this.seekTakes) / 2;
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  play() {
    this.lead.play().catch((error) => {
      if (error.name !== "AbortError") this.dispatchEvent(new Event("trouble"));
    });
  }

  pause() { this.lead.pause(); }

  /**
   * Goes to a moment of a version; it leads from there where the other one lacks that passage.
   * @param {number} ms @param {Side} [side] the leader's own time, if not said
   */
  seek(ms, side = this.side) {
    let to = ms;
    if (side !== this.side) {
      const there = this.maps[side].at(ms);
      if (there === null) this.hear(side);
      else to = there;
    }
    const end = this.lead.duration * 1000 || Infinity;
    to = Math.max(0, Math.min(to, end - 1));
    if (!Number.isFinite(to)) return;
    this.rested = undefined;
    if (this.playing) this.lead.currentTime = to / 1000;
    else this.clocks[this.side].seek(to);
    if (this.map.at(to) === null) this.clocks[otherOf(this.side)].seek(this.map.before(to));
    this.tick();
  }

  /** One picture of the leader on or back. @param {1 | -1} pictures */
  step(pictures) { this.clocks[this.side].step(pictures); }

  /** This one leads from here on. @param {Side} side */
  hear(side) {
    if (side === this.side) return;
    const { playing } = this;
    const from = this.lead;
    this.side = side;
    this.rested = undefined;
    this.dress();
    if (playing) this.play();
    else from.pause();
    this.dispatchEvent(new Event("state"));
    this.tick();
  }

  /** @param {number} rate */
  speed(rate) {
    this.rate = rate;
    this.lead.playbackRate = rate;
    this.dispatchEvent(new Event("state"));
  }

  mute() {
    this.silent = !this.silent;
    this.lead.muted = this.silent;
  }

  stop() {
    this.listening.abort();
    for (const clock of Object.values(this.clocks)) clock.stop();
  }
}
