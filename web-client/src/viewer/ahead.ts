/**
 * Fetches the next page ahead, whole, at the level that fits the pane: tiles are immutable, so the
 * browser's cache answers the page turn. One at a time and only when told that nothing else waits.
 */
export class Ahead {
  private queue: string[] = [];
  private done = new Set<string>();
  private busy: AbortController | null = null;

  /** Replaces what is still to be fetched. */
  want(urls: string[]): void {
    this.queue = urls.filter((u) => !this.done.has(u));
    if (!this.busy) void this.run();
  }

  stop(): void {
    this.queue = [];
    this.busy?.abort();
  }

  private async run(): Promise<void> {
    for (let url = this.queue.shift(); url; url = this.queue.shift()) {
      this.busy = new AbortController();
      try {
        const r = await fetch(url, { credentials: 'same-origin', signal: this.busy.signal, priority: 'low' });
        await r.blob();
        if (r.ok) this.done.add(url);
      } catch {
        this.queue = []; // the page itself will be fetched when it is shown
      }
    }
    this.busy = null;
  }
}
