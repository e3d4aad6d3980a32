// One consilium-voice process: the sound of one colleague. Its protocol is in media/client/voice_main.c.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export class Sound {
  #process;
  #said = new Map(); // path -> functions to call
  #authenticated = 0;
  #program;

  /** answered(sdp), lost(): the connection is over and a new offer may be asked for. */
  constructor(program, answered, lost) {
    this.#program = program;
    this.answered = answered;
    this.lost = lost;
    this.connected = false;
    this.hears = false;
  }

  #start() {
    this.#process = spawn(this.#program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process.stdin.on('error', () => undefined); // it ended; the exit says so
    this.#process.on('error', () => this.#ended());
    this.#process.on('exit', () => this.#ended());
    createInterface({ input: this.#process.stdout }).on('line', (line) => this.#heard(line));
  }

  #ended() {
    if (!this.#process) return;
    this.#process = undefined;
    this.connected = this.hears = false;
    for (const path of this.#said.keys()) this.#finish(path);
    this.lost();
  }

  #finish(path) {
    for (const done of this.#said.get(path) ?? []) done();
    this.#said.delete(path);
  }

  #heard(line) {
    const [word, ...rest] = line.split(' ');
    if (word === 'answer') this.answered(Buffer.from(rest[0], 'base64').toString());
    if (word === 'connected') this.connected = true;
    if (word === 'said') this.#finish(rest.join(' '));
    if (word === 'stats') {
      const now = Number(/authenticated=(\d+)/.exec(line)?.[1] ?? 0);
      this.hears = now > this.#authenticated;
      this.#authenticated = now;
    }
    if (word === 'gone' || (word === 'failed' && rest[0] === 'offer')) {
      this.connected = this.hears = false;
      this.lost();
    }
  }

  #send(line) {
    if (!this.#process) this.#start();
    this.#process.stdin.write(`${line}\n`);
  }

  offer(sdp) {
    this.#send(`offer ${Buffer.from(sdp).toString('base64')}`);
  }

  /** Asked before each heartbeat: did packets come since the last one? */
  look() {
    if (this.#process) this.#send('stats');
  }

  /** Done when it was said, or when it is clear that it will not be. */
  say(path, milliseconds) {
    return new Promise((done) => {
      const late = setTimeout(() => this.#finish(path), milliseconds + 4000);
      const all = this.#said.get(path) ?? [];
      all.push(() => { clearTimeout(late); done(); });
      this.#said.set(path, all);
      this.#send(`say ${path}`);
    });
  }

  hush() {
    if (this.#process) this.#send('quiet');
    for (const path of this.#said.keys()) this.#finish(path);
  }

  stop() {
    const process = this.#process;
    this.#process = undefined;
    this.connected = this.hears = false;
    for (const path of this.#said.keys()) this.#finish(path);
    process?.stdin.end('quit\n');
  }
}
