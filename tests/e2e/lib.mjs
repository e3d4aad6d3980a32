// What every walk needs: a server of its own on a free port, seeded; browsers with voices.
import { spawn, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync, createWriteStream, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const here = dirname(fileURLToPath(import.meta.url));
export const root = resolve(here, '../..');
export const out = join(here, 'out');
mkdirSync(out, { recursive: true });

const build = process.env.VTB_BUILD ?? join(root, 'build/debug');
export const program = join(build, 'server/consilium');
export const voiceProgram = join(build, 'media/client/consilium-voice');

export function freePort() {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

/** Waits until `check` gives something true; throws with `what` after `ms`. */
export async function until(what, check, ms = 15000) {
  const end = Date.now() + ms;
  let last;
  for (;;) {
    try {
      const value = await check();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${ms} ms for: ${what}${last ? ` (${last.message})` : ''}`);
    await new Promise((r) => setTimeout(r, 50));
  }
}

/**
 * A data folder with the demo in it; gives tokens by role and by person. Walks that sign nothing need
 * no PIN; `objection`: seconds to object, for those that are not about objecting.
 */
export function seed({ pin = '2741', objection = 20 } = {}) {
  const data = mkdtempSync(join(tmpdir(), 'consilium-e2e-'));
  const events = join(data, 'seed.jsonl');
  const links = join(data, 'links.json');
  const script = join(root, 'deploy/demo/seed.py');
  execFileSync('python3', [script, 'events', join(root, 'deploy/demo/demo.json'), events, links]);
  writeFileSync(events, readFileSync(events, 'utf8').replaceAll('"objection_s": 20', `"objection_s": ${objection}`));
  execFileSync(program, ['load', data, events], { stdio: 'pipe' });
  writeFileSync(join(data, 'demo'), '');
  for (const key of pin ? ['SYN-PRAC-01', 'SYN-PRAC-07', 'SYN-PRAC-21'] : [])
    execFileSync(program, ['user', data, 'pin', ident(key)], { input: `${pin}\n`, stdio: ['pipe', 'pipe', 'pipe'] });
  return { data, links: JSON.parse(readFileSync(links, 'utf8')) };
}

const space = /^SPACE = uuid\.UUID\("([0-9a-f-]+)"\)/m;

/** The id that the seed gives to a key (UUID version 5). */
export function ident(key) {
  const found = space.exec(readFileSync(join(root, 'deploy/demo/seed.py'), 'utf8'));
  if (!found) throw new Error('seed.py says its SPACE in another way now');
  const hash = createHash('sha1').update(Buffer.from(found[1].replaceAll('-', ''), 'hex')).update(key).digest().subarray(0, 16);
  hash[6] = (hash[6] & 0x0f) | 0x50;
  hash[8] = (hash[8] & 0x3f) | 0x80;
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Runs `consilium serve`; stop() ends it politely, kill() does not. */
export async function serve(data, { port, mediaPort, options = [], address = '127.0.0.1', log = 'server', prefix = [] } = {}) {
  port ??= await freePort();
  mediaPort ??= await freePort();
  const file = createWriteStream(join(out, `${log}.log`), { flags: 'a' });
  const args = ['serve', `--data=${data}`, `--listen=${address}`, `--port=${port}`, `--media.port=${mediaPort}`, '--metrics.port=0',
    `--web.root=${join(root, 'web-client/dist')}`, `--sandbox.path=${join(build, 'media/imaging/consilium-sandbox')}`, ...options];
  const [command, ...rest] = [...prefix, program, ...args];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CONSILIUM_')));
  env.LSAN_OPTIONS ??= `suppressions=${join(here, 'known-leaks.txt')}:print_suppressions=0`;
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], env });
  child.stdout.pipe(file);
  child.stderr.pipe(file);
  const ended = new Promise((done) => child.once('exit', (code, signal) => done({ code, signal })));
  await until('the server listens', async () => (await fetch(`http://${address}:${port}/healthz`)).ok, 30000);
  return {
    port, mediaPort, data, child, ended,
    url: (name = 'coordinator') => `http://${name}.localhost:${port}`,
    async stop() {
      child.kill('SIGTERM');
      const { code, signal } = await ended;
      if (code !== 0) throw new Error(`the server ended with ${code ?? signal}; see ${log}.log (a sanitizer may have spoken)`);
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

export function discard(data) {
  if (existsSync(data)) rmSync(data, { recursive: true, force: true });
}

/** Debian's Chromium with a voice as microphone. */
export async function browser({ voice, args = [] } = {}) {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required',
      ...(voice ? [`--use-file-for-fake-audio-capture=${voice}`] : []), ...args],
  });
}

/** A page signed in as a demo person, in a context of its own. */
export async function signIn(chrome, server, links, role, { width = 1440, height = 900, person } = {}) {
  const context = await chrome.newContext({ viewport: { width, height }, permissions: ['microphone'] });
  const page = await context.newPage();
  page.errors = [];
  page.on('pageerror', (error) => page.errors.push(error.message));
  page.on('request', (request) => {
    const host = new URL(request.url()).hostname;
    if (!/^(|localhost|127\.0\.0\.1|.*\.localhost)$/.test(host)) page.errors.push(`external request to ${host}`);
  });
  const token = person ? links.people[person] : links.roles[role];
  await page.goto(`${server.url(role)}/in#${token}`);
  await page.waitForURL('**/today');
  return page;
}

/** JSON call from the page's own origin, with its cookie. */
export function api(page, method, path, body) {
  return page.evaluate(async ([m, p, b]) => {
    const answer = await fetch(p, { method: m, headers: { 'content-type': 'application/json' }, ...(b ? { body: JSON.stringify(b) } : {}) });
    const text = await answer.text();
    return { status: answer.status, body: text && answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text };
  }, [method, path, body]);
}
