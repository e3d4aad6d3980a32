import { expect, test } from 'vitest';
import { Playout } from './playout';

const STEP = 960;
const level = (n: number) => new Float32Array(STEP).fill(n);

/** A clock of 20 ms: at each tick frame `k` may come, and 20 ms are played. */
class Bench {
  readonly it = new Playout();
  nowMs = 1000;
  at = 0;

  come(n = 1, value = 0.5): void {
    for (let i = 0; i < n; i++) {
      this.it.push(this.at, level(value), this.nowMs);
      this.at = (this.at + STEP) >>> 0;
    }
  }
  /** Plays 20 ms in blocks as the worklet does; the samples. */
  play(): Float32Array {
    const out = new Float32Array(STEP);
    for (let i = 0; i < STEP; i += 120) this.it.pull(out.subarray(i, i + 120), this.nowMs + i / 48);
    this.nowMs += 20;
    return out;
  }
  run(ticks: number): void {
    for (let i = 0; i < ticks; i++) {
      this.come();
      this.play();
    }
  }
}

const sounds = (pcm: Float32Array) => pcm.some((x) => Math.abs(x) > 0.1);

test('playing starts with 60 ms in hand, and then nothing is missing', () => {
  const b = new Bench();
  b.come();
  expect(sounds(b.play())).toBe(false);
  b.come();
  expect(sounds(b.play())).toBe(false);
  b.come();
  expect(sounds(b.play())).toBe(true);
  for (let i = 0; i < 500; i++) {
    b.come();
    expect(b.play().every((x) => x === 0.5)).toBe(true);
  }
  expect(b.it).toMatchObject({ stalls: 0, cut: 0, target: 60 * 48 });
});

test('one short word is played though 60 ms never come together', () => {
  const b = new Bench();
  b.come();
  let heard = false;
  for (let i = 0; i < 5; i++) heard ||= sounds(b.play());
  expect(heard).toBe(true);
});

test('a stall adds 20 ms, up to 120, and calm takes them back', () => {
  const b = new Bench();
  for (let round = 0; round < 5; round++) {
    b.run(20);
    for (let i = 0; i < 16; i++) b.play(); // TCP stands still for 320 ms
    b.come(16); // and all of it comes at once
  }
  expect(b.it.stalls).toBe(5);
  expect(b.it.target).toBe(120 * 48);
  b.run(50 * 65);
  expect(b.it.target).toBe(60 * 48);
});

test('what piled up is cut: the delay stays bounded and shrinks again', () => {
  const b = new Bench();
  b.run(20);
  for (let i = 0; i < 100; i++) b.play();
  b.come(100); // two seconds that came late
  expect(b.it.inHand).toBeLessThanOrEqual(b.it.target + 200 * 48);
  b.run(50 * 10);
  expect(b.it.inHand).toBeLessThanOrEqual(b.it.target + 80 * 48);
});

test('a step that is too much is left out in a pause, not in a word', () => {
  const b = new Bench();
  b.run(20);
  b.come(5); // 100 ms more than is needed
  b.run(100);
  expect(b.it.cut).toBe(0); // the word goes on for two seconds
  for (let i = 0; i < 10; i++) {
    b.come(1, 0);
    b.play();
  }
  expect(b.it.cut).toBe(STEP);
});

test('a pause of the talk is no stall', () => {
  const b = new Bench();
  b.run(20);
  for (let i = 0; i < 50; i++) b.play();
  b.at += 50 * STEP; // the server sends nothing in silence, its clock goes on
  b.run(20);
  expect(b.it).toMatchObject({ stalls: 0, target: 60 * 48 });
});

test('nothing clicks: no step between samples is larger than a ramp allows', () => {
  const b = new Bench();
  let last = 0, worst = 0;
  const hear = () => {
    for (const x of b.play()) {
      worst = Math.max(worst, Math.abs(x - last));
      last = x;
    }
  };
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 20; i++) {
      b.come();
      hear();
    }
    for (let i = 0; i < 30; i++) hear();
    b.come(30); // more than fits: cut
  }
  expect(worst).toBeLessThan(0.03);
});

test('the clock of 32 bits wraps, and what comes twice is not played twice', () => {
  const b = new Bench();
  b.at = 2 ** 32 - 10 * STEP;
  b.run(20);
  const before = b.it.inHand;
  b.it.push((b.at - STEP) >>> 0, level(0.9), b.nowMs);
  expect(b.it.inHand).toBe(before);
  expect(b.it.stalls).toBe(0);
});
