/** The plan fields this person writes: pauses, sends, keeps what is not acknowledged in this tab. */
import { signal } from '@preact/signals';
import type { Reply, Socket } from '../net/socket';
import * as edit from '../state/edits';
import type { Plan } from '../state/plan';

export interface EditsUse {
  ask: Socket['ask'];
  plan(): Plan;
  seat(): string;
  place: string; // key of sessionStorage, one a meeting
}

const AGAIN_MS = 1000;

type Open = Record<string, edit.Edit>;

export class Edits {
  readonly open = signal<Open>({});
  private timers = new Map<string, number>();
  private lastSent = new Map<string, number>();
  private blurred = new Set<string>();
  private planId = ''; // the plan that the open texts belong to

  constructor(private readonly use: EditsUse) {}

  start(field: string): void {
    this.sameCase(this.use.plan());
    this.blurred.delete(field);
    if (!this.open.value[field]) {
      const f = this.use.plan().fields[field];
      this.put(edit.begin(field, f?.value ?? '', f?.version ?? 0));
    }
    void this.use.ask('plan.take', { field }).then((r) => {
      const e = this.open.value[field];
      if (!r.ok && r.error !== 'closed' && e) this.put(edit.refused(e, r.message ?? ''));
    });
  }

  typed(field: string, text: string): void {
    const e = this.open.value[field];
    if (!e) return;
    this.put(edit.type(e, text));
    this.schedule(field);
  }

  /** A choice: taken, saved and given back in one go. */
  async choose(field: string, text: string): Promise<void> {
    this.start(field);
    this.typed(field, text);
    await this.leave(field);
  }

  /** Blur: what is typed goes at once, then the field is free. */
  async leave(field: string): Promise<void> {
    this.blurred.add(field);
    await this.flush(field);
    this.settleLeft(field);
  }

  keep(field: string): void {
    const e = this.open.value[field];
    if (!e) return;
    void this.use.ask('plan.take', { field });
    this.put(edit.keep(e, this.use.plan().fields[field]?.version ?? 0));
    void this.flush(field);
  }

  takeTheirs(field: string): void {
    this.forget(field);
  }

  /** All that waits is sent; true when nothing is left open. Read back waits for it. */
  async flushAll(): Promise<boolean> {
    await Promise.all(Object.keys(this.open.value).map((f) => this.flush(f)));
    return Object.values(this.open.value).every((e) => !edit.isOpen(e));
  }

  /** After every event of the case. */
  planChanged(plan: Plan): void {
    this.sameCase(plan);
    for (const e of Object.values(this.open.value)) {
      const gone = /^line\.([^.]+)\./.exec(e.field)?.[1];
      if (gone && !plan.lines.includes(gone)) {
        this.forget(e.field);
        continue;
      }
      const f = plan.fields[e.field];
      if (f) this.put(edit.arrived(e, f.value, f.version, f.seat === this.use.seat()));
      const writer = plan.writers[e.field];
      const now = this.open.value[e.field];
      if (now && writer && writer.seat !== this.use.seat() && now.phase === 'typing') this.put(edit.refused(now, `${writer.name} writes this field now.`));
    }
  }

  /** After a snapshot: texts kept in this tab come back, and what may go by itself goes. */
  resume(plan: Plan): void {
    this.sameCase(plan);
    for (const e of this.stored()) if (!this.open.value[e.field]) this.put(e);
    for (const e of Object.values(this.open.value)) {
      const again = edit.resume(e, plan.fields[e.field]?.version ?? 0);
      this.put(again);
      if (again.phase === 'typing') {
        this.blurred.add(e.field);
        void this.use.ask('plan.take', { field: e.field }).then(() => this.flush(e.field)).then(() => this.settleLeft(e.field));
      }
    }
  }

  private schedule(field: string): void {
    clearTimeout(this.timers.get(field));
    const ms = edit.waitMs(performance.now(), this.lastSent.get(field) ?? -edit.LEAST_GAP_MS);
    this.timers.set(field, window.setTimeout(() => void this.flush(field), ms));
  }

  private async flush(field: string): Promise<void> {
    clearTimeout(this.timers.get(field));
    const e = this.open.value[field];
    if (!e || (e.phase !== 'typing' && e.phase !== 'unsent') || this.use.plan().plan !== this.planId) return;
    if (e.text === (this.use.plan().fields[field]?.value ?? '') && e.base === (this.use.plan().fields[field]?.version ?? 0)) {
      this.put({ ...e, phase: 'clean' });
      return;
    }
    this.put(edit.send(e));
    this.lastSent.set(field, performance.now());
    const plan = this.planId;
    const reply = await this.use.ask('plan.set', { field, base: e.base, value: e.text });
    if (plan !== this.planId) return; // the answer is for a case that is over here
    this.answered(field, reply);
    const now = this.open.value[field];
    if (now?.phase === 'typing') await this.flush(field); // typed on meanwhile
    else if (reply.error === 'again') this.later(field);
    else this.settleLeft(field); // left while it was under way
  }

  /** The server was busy: the text waits here and goes by itself. */
  private later(field: string): void {
    clearTimeout(this.timers.get(field));
    this.timers.set(field, window.setTimeout(() => void this.flush(field), AGAIN_MS));
  }

  private answered(field: string, r: Reply): void {
    const e = this.open.value[field];
    if (!e) return;
    const version = this.use.plan().fields[field]?.version ?? 0;
    if (r.ok) this.put(edit.accepted(e, version));
    else if (r.error === 'closed' || r.error === 'again') this.put(edit.unsent(e));
    else this.put(edit.refused(e, r.error === 'stale' ? '' : (r.message ?? '')));
  }

  /** Gives free what was left, once nothing of it waits any more; not what the person came back to. */
  private settleLeft(field: string): void {
    const e = this.open.value[field];
    if (!e || edit.isOpen(e) || !this.blurred.has(field)) return;
    this.forget(field);
    void this.use.ask('plan.drop', { field });
  }

  private put(e: edit.Edit): void {
    this.open.value = { ...this.open.value, [e.field]: e };
    this.store();
  }

  private forget(field: string): void {
    const { [field]: _gone, ...rest } = this.open.value;
    this.open.value = rest;
    this.store();
  }

  /** Another case runs: its texts are put aside under its own plan, so that none lands in another patient's plan. */
  private sameCase(plan: Plan): void {
    if (plan.plan === this.planId) return;
    for (const t of this.timers.values()) clearTimeout(t);
    this.timers.clear();
    this.blurred.clear();
    this.open.value = {}; // what is not acknowledged lies in the storage already
    this.planId = plan.plan;
  }

  private key(): string {
    return `${this.use.place}:${this.planId}`;
  }

  /** Only what is not yet acknowledged lies in the tab's storage. */
  private store(): void {
    const open = Object.values(this.open.value).filter(edit.isOpen);
    const texts = open.map(({ field, base, text }) => ({ field, base, text }));
    if (open.length === 0) sessionStorage.removeItem(this.key());
    else sessionStorage.setItem(this.key(), JSON.stringify(texts));
  }

  private stored(): edit.Edit[] {
    const kept = this.planId ? sessionStorage.getItem(this.key()) : null;
    if (!kept) return [];
    const texts = JSON.parse(kept) as { field: string; base: number; text: string }[];
    return texts.map((t) => ({ ...edit.begin(t.field, t.text, t.base), phase: 'unsent' as const }));
  }
}
