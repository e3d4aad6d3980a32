import { describe, expect, it } from 'vitest';
import { BARS, barsOf, decibels, isDead, isSpeech } from './level';
import { classify, linkWords, measuredOf } from './link';
import { EARLY_US, openingOf } from './opening';

const starts_us = 1_800_000_000_000_000;
const view = (state: 'planned' | 'open' | 'closed', bound_elsewhere = false) => ({ state, starts_us, bound_elsewhere });

describe('the page of an invitation', () => {
  it('opens 15 minutes before, not a moment sooner', () => {
    expect(openingOf(view('planned'), starts_us - EARLY_US - 1)).toBe('too_early');
    expect(openingOf(view('planned'), starts_us - EARLY_US)).toBe('open');
    expect(openingOf(view('open'), starts_us - 2 * EARLY_US)).toBe('open');
  });

  it('says over and elsewhere before anything else', () => {
    expect(openingOf(view('closed'), starts_us)).toBe('closed');
    expect(openingOf(view('open', true), starts_us)).toBe('elsewhere');
  });
});

describe('the link', () => {
  it('is told apart by rate and delay', () => {
    expect(classify({ delay_ms: 40, kbit_s: 8000 })).toBe('good');
    expect(classify({ delay_ms: 300, kbit_s: 8000 })).toBe('slow');
    expect(classify({ delay_ms: 300, kbit_s: 256 })).toBe('slow');
    expect(classify({ delay_ms: 40, kbit_s: 63 })).toBe('very_slow');
  });

  it('gives the design’s own numbers for the rural link', () => {
    const { text } = linkWords({ delay_ms: 300, kbit_s: 256 });
    expect(text).toContain('260 kbit/s');
    expect(text).toContain('readable in less than 1 s');
    expect(text).toContain('sharp in about 3 s');
  });

  it('takes the delay out of the rate and never divides by nothing', () => {
    expect(measuredOf([300, 280, 310], 34_000, 1280)).toEqual({ delay_ms: 280, kbit_s: 272 });
    expect(measuredOf([50], 34_000, 40).kbit_s).toBeGreaterThan(0);
  });
});

describe('the level', () => {
  const tone = (amplitude: number) => Float32Array.from({ length: 2048 }, (_, at) => amplitude * Math.sin(at / 5));
  it('is nothing at digital silence, and speech when somebody speaks', () => {
    expect(isDead(decibels(new Float32Array(2048)))).toBe(true);
    expect(barsOf(decibels(new Float32Array(2048)))).toBe(0);
    expect(isSpeech(decibels(tone(0.1)))).toBe(true);
    expect(isSpeech(decibels(tone(0.001)))).toBe(false);
    expect(isDead(decibels(tone(0.001)))).toBe(false);
    expect(barsOf(decibels(tone(1)))).toBe(BARS);
  });
});
