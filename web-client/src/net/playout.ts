/**
 * What came over the web connection and is not played yet. TCP loses nothing but stands still at times: playing
 * starts with 60 ms in hand, each stall adds 20 up to 120, calm takes them back; what piled up beyond is cut, for a
 * talk is worth more than its last word late. Pure: samples and times in, samples out. Used inside the worklet.
 */
const MS = 48; // samples
const STEP = 20 * MS;
const FIRST = 60 * MS;
const MOST = 120 * MS;
const SLACK = 60 * MS; // above the target, for a second: one step is left out
const FULL = 200 * MS; // above the target: cut at once
const RAMP = 120; // samples; no click where sound begins, ends or is cut
const CALM_MS = 20000;
const WINDOW_MS = 1000;
const OWES_MS = 3000;
const QUIET = 0.01; // -40 dBFS: a pause

interface Piece {
  at: number; // timestamp, 48 kHz
  pcm: Float32Array;
}

export class Playout {
  private pieces: Piece[] = [];
  private offset = 0; // samples of the first that are played
  private playing = false;
  private firstMs = 0; // when the oldest of a new beginning came
  private endAt = -1; // timestamp after the newest piece
  private dryAt = -1; // where playing ran out
  private ramp = 0; // samples since it began, up to RAMP
  private tail = 0; // last sample played
  private least = Infinity; // in hand, within the window
  private windowMs = 0;
  private owes = false;
  private owesMs = 0;
  private calmMs = 0; // of the last stall, or of the last step back
  target = FIRST;
  stalls = 0;
  cut = 0; // samples

  get inHand(): number {
    return this.pieces.reduce((n, p) => n + p.pcm.length, 0) - this.offset;
  }

  push(at: number, pcm: Float32Array, nowMs: number): void {
    // Behind the newest by less than half a turn of the 32 bits: it came twice, or late, which TCP does not do.
    if (this.endAt >= 0 && ((at - this.endAt) >>> 0) > 2 ** 31) return;
    if (!this.playing) {
      if (this.pieces.length === 0) this.firstMs = nowMs;
      if (at === this.dryAt) this.stalled(nowMs); // no pause lies between: it was late
      this.dryAt = -1;
    }
    this.endAt = (at + pcm.length) >>> 0;
    this.pieces.push({ at, pcm });
    if (this.inHand > this.target + FULL) while (this.inHand > this.target + STEP) this.drop();
  }

  /** Fills `out`; silence where there is nothing. */
  pull(out: Float32Array, nowMs: number): void {
    out.fill(0);
    if (!this.playing) {
      const ready = this.inHand >= this.target || (this.pieces.length > 0 && nowMs - this.firstMs >= this.target / MS);
      if (!ready) {
        this.fadeTail(out, 0);
        return;
      }
      while (this.inHand > this.target + STEP) this.drop(); // nothing has begun: nobody hears the cut
      this.playing = true;
      this.owes = false;
      this.ramp = 0;
      this.least = Infinity;
      this.windowMs = nowMs;
    }
    this.settle(nowMs);
    let n = 0;
    while (n < out.length) {
      if (this.owes && this.offset === 0) this.pay(nowMs);
      const piece = this.pieces[0];
      if (!piece) {
        this.playing = false;
        this.dryAt = this.endAt;
        this.fadeTail(out, n);
        return;
      }
      const some = Math.min(out.length - n, piece.pcm.length - this.offset);
      for (let i = 0; i < some; i++) out[n + i] = this.soften(piece.pcm[this.offset + i] ?? 0);
      n += some;
      this.offset += some;
      if (this.offset === piece.pcm.length) {
        this.pieces.shift();
        this.offset = 0;
      }
    }
  }

  private soften(x: number): number {
    if (this.ramp < RAMP) x = this.tail + ((x - this.tail) * ++this.ramp) / RAMP;
    if (this.ramp >= RAMP) this.tail = x;
    return x;
  }

  private fadeTail(out: Float32Array, from: number): void {
    for (let i = from; i < out.length && this.tail !== 0; i++) {
      this.tail = Math.abs(this.tail) < 1e-4 ? 0 : this.tail * 0.96;
      out[i] = this.tail;
    }
  }

  private drop(): void {
    const piece = this.pieces.shift();
    this.cut += (piece?.pcm.length ?? 0) - this.offset;
    this.offset = 0;
    this.ramp = 0;
  }

  /** Too much is in hand: the next step in which nobody speaks is left out, or, after a while, any. */
  private pay(nowMs: number): void {
    const [first, second] = this.pieces;
    if (!first || !second || (nowMs - this.owesMs < OWES_MS && first.pcm.some((x) => Math.abs(x) > QUIET))) return;
    this.owes = false;
    this.drop();
  }

  private stalled(nowMs: number): void {
    this.stalls += 1;
    this.calmMs = nowMs;
    this.target = Math.min(this.target + STEP, MOST);
  }

  /** Once a second: is more in hand than is needed? */
  private settle(nowMs: number): void {
    this.least = Math.min(this.least, this.inHand);
    if (this.target > FIRST && nowMs - this.calmMs > CALM_MS) {
      this.target -= STEP;
      this.calmMs = nowMs;
    }
    if (nowMs - this.windowMs < WINDOW_MS) return;
    if (this.least > this.target + SLACK && !this.owes) {
      this.owes = true;
      this.owesMs = nowMs;
    }
    this.least = Infinity;
    this.windowMs = nowMs;
  }
}
