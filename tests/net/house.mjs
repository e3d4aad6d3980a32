// A real server, bad links, and people who speak and listen over them. Runs inside a network namespace of
// its own (inside.mjs). The server has 192.0.2.1; every link brings a namespace with an address of its own.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { ident, out, program, root, until, voiceProgram } from '../e2e/lib.mjs';
import { Person } from '../e2e/walk.mjs';

const build = process.env.VTB_BUILD ?? join(root, 'build/debug');
const linkProgram = join(build, 'tests/net/consilium-link');
const judgeProgram = join(build, 'tests/net/net_judge');
export const ADDRESS = '192.0.2.1';
export const traces = join(out, 'net');
mkdirSync(traces, { recursive: true });

/** A program that is told lines and says lines. */
class Talker {
  constructor(command, args) {
    this.lines = [];
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdin.on('error', () => undefined); // it ended; the exit says so
    createInterface({ input: this.child.stdout }).on('line', (l) => {
      this.lines.push(l);
      this.heard?.(l);
    });
    this.ended = new Promise((done) => this.child.once('exit', done));
  }

  tell(text) {
    this.child.stdin.write(`${text}\n`);
  }

  line(word, ms = 20000, from = 0) {
    return until(`a line that begins with ${word}`, () => {
      if (this.child.exitCode !== null) throw new Error(`the program ended with ${this.child.exitCode}`);
      return this.lines.slice(from).find((l) => l.split(' ')[0] === word);
    }, ms);
  }

  async end() {
    this.child.stdin.end();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 5000);
    await this.ended;
    clearTimeout(timer);
  }
}

/**
 * A data folder with the demo's people and boards that is no demo: a demo drops what comes from another
 * machine. So they sign in by password; `people` are the keys of those who can.
 */
export function seedForReal(people) {
  const data = mkdtempSync(join(tmpdir(), 'consilium-net-'));
  const events = join(data, 'seed.jsonl');
  execFileSync('python3', [join(root, 'deploy/demo/seed.py'), 'events', join(root, 'deploy/demo/demo.json'), events, join(data, 'links.json')]);
  const withMail = readFileSync(events, 'utf8').trimEnd().split('\n').map((text) => {
    const event = JSON.parse(text);
    if (event.k === 'person.added') event.d.email = mail(event.d.person);
    return JSON.stringify(event);
  });
  writeFileSync(events, `${withMail.join('\n')}\n`);
  execFileSync(program, ['load', data, events], { stdio: 'pipe' });
  for (const key of people)
    execFileSync(program, ['user', data, 'password', ident(key)], { input: `${PASSWORD}\n`, stdio: ['pipe', 'pipe', 'pipe'] });
  return data;
}

const PASSWORD = 'a long one, of a test';
const mail = (person) => `${person}@example.org`;

/** Signs them in, one after the other: passwords are slow by design. */
export async function staff(server, people) {
  const found = {};
  for (const key of people) {
    const person = new Person(server);
    const answer = await person.call('POST', '/api/session/password', { email: mail(ident(key)), password: PASSWORD });
    if (answer.status >= 300) throw new Error(`sign-in: ${answer.status} ${JSON.stringify(answer.body)}`);
    found[key] = person;
  }
  return found;
}

let nextNet = 0;

/** A bad link; everything it does is decided by its seed. */
export class Line extends Talker {
  static async lay(seed) {
    const line = new Line(linkProgram, [String(seed), String(nextNet++ % 256)]);
    line.path = (await line.line('ready')).split(' ')[1];
    return line;
  }

  /** Commands of consilium-link, one a string. */
  async set(...commands) {
    for (const command of commands) {
      const from = this.lines.length;
      this.tell(command);
      const answer = await until(`${command} is answered`, () => this.lines.slice(from).find((l) => l === 'ok' || l === 'refused'), 5000);
      if (answer !== 'ok') throw new Error(`the link refused: ${command}`);
    }
  }

  async stats() {
    const from = this.lines.length;
    this.tell('stats');
    return (await this.line('stats', 5000, from)).slice(6);
  }
}

/** Somebody with a seat in a meeting and a whole WebRTC client, here or at the far end of `line`. */
export class Guest extends Talker {
  constructor(server, person, meeting, name, line) {
    super(...(line ? ['nsenter', [`--net=${line.path}`, voiceProgram]] : [voiceProgram, []]));
    Object.assign(this, { server, person, meeting, name, link: line, said: [] });
  }

  static async join(server, person, meeting, name, { line, seq } = {}) {
    const guest = new Guest(server, person, meeting, name, line);
    if (seq !== undefined) guest.tell(`seq ${seq}`);
    await guest.sit();
    await guest.connect();
    return guest;
  }

  async sit() {
    this.seat = (await this.person.socket(this.meeting)).alive({ mic: 'on', hearing: true });
  }

  /** From the offer to sound both ways. */
  async connect(ms = 20000) {
    const from = this.lines.length;
    const before = this.seat.messages.length;
    const fresh = (k) => this.seat.messages.slice(before).find((m) => m.t === 'media' && m.k === k);
    await this.seat.ask('media.ask');
    const offer = await until('the offer', () => fresh('offer'));
    this.tell(`offer ${Buffer.from(offer.sdp).toString('base64')}`);
    const sdp = Buffer.from((await this.line('answer', ms, from)).split(' ')[1], 'base64').toString();
    const reply = await this.seat.ask('media.answer', { sdp });
    if (!reply.ok) throw new Error(`the answer was refused: ${reply.error}`);
    await this.line('connected', ms, from);
    await until('the server says connected', () => fresh('connected'), ms);
  }

  async speaks(on = true) {
    const reply = await this.seat.ask('sound.mute', { muted: !on });
    if (!reply.ok) throw new Error(`sound.mute: ${reply.error}`);
  }

  listens(name) {
    this.trace = join(traces, `${name}-${this.name}.trace`);
    this.tell(`trace ${this.trace}`);
  }

  /** What the client counted, in its own words. It answers in order, so what was told before is done. */
  async stats() {
    const from = this.lines.length;
    this.tell('stats');
    return this.line('stats', 5000, from);
  }

  /** Until `n` more packets have come: fifty a second of a voice, five in two seconds of silence. */
  async takes(n, ms = 20000) {
    const count = async () => Number(/authenticated=(\d+)/.exec(await this.stats())[1]);
    const wanted = (await count()) + n;
    await until(`${this.name} has ${n} more packets`, async () => (await count()) >= wanted, ms);
  }

  /** Ends the trace. The client has read this line once it answers the next. */
  async listened() {
    this.tell('trace');
    await this.stats();
  }

  /** Says a voice of the fixtures once; gives what the judge wants: when, and what. */
  async say(voice) {
    const from = this.lines.length;
    this.tell(`say ${voice}`);
    const [, us] = (await this.line('says', 5000, from)).split(' ');
    const words = `${us}:${voice}`;
    await this.line('said', 120000, from);
    return words;
  }

  async leave() {
    await Promise.all([this.end(), this.seat.close()]);
  }
}

/** A sine that can be looped without a seam. */
export function toneFile(hz) {
  const wav = join(traces, `tone-${hz}.wav`);
  if (!existsSync(wav)) execFileSync('sox', ['-D', '-n', '-r', '48000', '-c', '1', '-b', '16', wav, 'synth', '2', 'sine', String(hz), 'vol', '0.3']);
  return wav;
}

export const voice = (name) => join(build, `speech/${name}.wav`);

const run = promisify(execFile);

/** What `guest` heard between listens() and listened(): by utterance against what was said, or the strength of tones. */
export async function judge(guest, ...what) {
  const { stdout } = await run(judgeProgram, [guest.trace, guest.trace.replace(/trace$/, 'wav'), ...what], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

/** Of the utterances of one voice: the mean weighted by length, and the worst of each. */
export function summary(utterances) {
  const sum = (f) => utterances.reduce((total, u) => total + f(u), 0);
  const all = (key) => utterances.map((u) => u[key]);
  return {
    n: utterances.length, stoi: sum((u) => u.stoi * u.ms) / sum((u) => u.ms), worst: Math.min(...all('stoi')),
    gap: Math.max(...all('gap_ms')), first: Math.max(...all('first_ms')), likeness: Math.min(...all('first_r')),
    delay: all('delay_ms').sort((a, b) => a - b)[utterances.length >> 1], delayMax: Math.max(...all('delay_ms')),
  };
}

export const tell = (s) => `STOI ${s.stoi.toFixed(3)} (worst of ${s.n}: ${s.worst.toFixed(3)}), gap ${s.gap} ms, first syllable lacks ${s.first} ms (r ${s.likeness.toFixed(2)}), delay ${s.delay} ms (most ${s.delayMax})`;

/** Meetings of the demo's thoracic board beside its own; ids. */
export async function meetings(coordinator, n) {
  const made = [];
  const ask = async () => {
    const answer = await coordinator.call('POST', `/api/boards/${ident('DEMO-BOARD-THORACIC')}/meetings`, { starts_us: (Date.now() + 600e3) * 1000 + made.length, minutes: 60 });
    return answer.status !== 429 && answer; // too many at once: asked again
  };
  while (made.length < n) {
    const answer = await until('a meeting is taken', ask);
    if (answer.status >= 300) throw new Error(`a meeting was refused: ${answer.status} ${JSON.stringify(answer.body)}`);
    made.push(answer.body.id);
  }
  return made;
}

export const serverOptions = [`--media.address=${ADDRESS}`];

/** The address that the server has towards all links. */
export function settle() {
  execFileSync('ip', ['address', 'add', `${ADDRESS}/32`, 'dev', 'lo']);
  for (const file of [linkProgram, judgeProgram, voiceProgram, voice('anna')])
    if (!existsSync(file)) throw new Error(`not built: ${file}`);
}
