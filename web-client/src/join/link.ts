/** What was measured about the link to this server. Nothing is claimed that was not timed. */
export interface Measured {
  delay_ms: number;
  kbit_s: number;
}

export type LinkClass = 'good' | 'slow' | 'very_slow';

/** Sound needs about 40 kbit/s with its headers; a picture is readable in a second from 200 kbit/s on (design, budgets). */
export function classify({ delay_ms, kbit_s }: Measured): LinkClass {
  if (kbit_s < 64 || delay_ms > 1200) return 'very_slow';
  return kbit_s < 1000 || delay_ms > 250 ? 'slow' : 'good';
}

export interface LinkWords {
  title: string;
  text: string;
}

function figures({ delay_ms, kbit_s }: Measured): string {
  const speed = kbit_s >= 950 ? `${(kbit_s / 1000).toFixed(kbit_s < 9500 ? 1 : 0)} Mbit/s` : `${Math.round(kbit_s / 10) * 10} kbit/s`;
  const delay = delay_ms < 100 ? `${Math.max(1, Math.round(delay_ms))} ms` : `${(delay_ms / 1000).toFixed(1)} s`;
  return `About ${speed}, ${delay} there and back.`;
}

const READABLE_KBIT = 26 * 8;
const SHARP_KBIT = 105 * 8;

function seconds(kbit: number, kbit_s: number): string {
  const s = kbit / kbit_s;
  return s < 1 ? 'less than 1 s' : `about ${Math.round(s)} s`;
}

export function linkWords(measured: Measured): LinkWords {
  const said = figures(measured);
  switch (classify(measured)) {
    case 'good':
      return { title: 'Link is good', text: `${said} Voices and pictures come at once.` };
    case 'slow':
      return {
        title: 'Slow link, good enough',
        text: `${said} Voices will be clear. A picture is readable in ${seconds(READABLE_KBIT, measured.kbit_s)} and sharp in ${seconds(SHARP_KBIT, measured.kbit_s)}.`,
      };
    case 'very_slow':
      return { title: 'Very slow link', text: `${said} Voices come first; pictures may take a minute. Another network would be better.` };
  }
}

/** From samples of small answers and one larger one: the least delay, and the rate without it. */
export function measuredOf(delays_ms: readonly number[], bytes: number, took_ms: number): Measured {
  const delay_ms = Math.min(...delays_ms);
  const transfer = Math.max(1, took_ms - delay_ms);
  return { delay_ms, kbit_s: Math.round((bytes * 8) / transfer) };
}

async function timed(url: string, signal: AbortSignal): Promise<{ ms: number; bytes: number }> {
  const began = performance.now();
  const answer = await fetch(url, { cache: 'no-store', signal });
  if (!answer.ok) throw new Error(String(answer.status));
  const { byteLength } = await answer.arrayBuffer();
  return { ms: performance.now() - began, bytes: byteLength };
}

/** Three small answers and one of 34 kB (a face that is needed anyway). */
export async function measureLink(large: string, signal: AbortSignal): Promise<Measured> {
  const delays: number[] = [];
  for (let i = 0; i < 3; i += 1) delays.push((await timed('/healthz', signal)).ms);
  const big = await timed(large, signal);
  return measuredOf(delays, big.bytes, big.ms);
}
