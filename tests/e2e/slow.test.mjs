// One whose socket stands still delays nobody and costs bounded memory; who sends nonsense is told so, in words
// and with a kind of error, and nobody else notices; no patient is named in the log.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { discard, freePort, ident, out, root, seed, serve, until } from './lib.mjs';
import { Person, Seat, endAll, meetingOf } from './walk.mjs';
import { inNamespace } from './namespace.mjs';

const demo = JSON.parse(readFileSync(join(root, 'deploy/demo/demo.json'), 'utf8'));
const limits = JSON.parse(readFileSync(join(root, 'protocols/limits.json'), 'utf8'));

if (inNamespace(import.meta.url)) {
  const ends = [];
  const writers = ['SYN-PRAC-01', 'SYN-PRAC-02', 'SYN-PRAC-06', 'SYN-PRAC-07']; // chair, scribe, co-chair, coordinator
  const fields = ['answered', 'reasons', 'options', 'not_available'];
  const logFile = join(out, 'slow.log');
  let server, links, meeting, item, figuresPort;
  const seats = {};
  const versions = {};

  const sit = async (key) => {
    const seat = (await (await Person.signIn(server, links.people[key])).socket(meeting)).alive();
    ends.push(() => seat.close());
    return seat;
  };

  async function figure(name) {
    const text = await (await fetch(`http://127.0.0.1:${figuresPort}/metrics`)).text();
    return Number(text.split('\n').find((l) => l.startsWith(`${name} `))?.split(' ')[1]);
  }

  before(async () => {
    rmSync(logFile, { force: true });
    // Small buffers in the kernel of this namespace, so that a stalled reader is felt after kilobytes.
    for (const which of ['rmem', 'wmem']) execFileSync('sysctl', ['-qw', `net.ipv4.tcp_${which}=4096 8192 16384`]);
    const { data, links: given } = seed({ pin: null });
    links = given;
    ends.push(() => discard(data));
    figuresPort = await freePort();
    server = await serve(data, { log: 'slow', options: [`--metrics.port=${figuresPort}`] });
    ends.push(() => server.stop());
    meeting = await meetingOf(server, links);
    for (const key of writers) seats[key] = await sit(key);
    const { body } = await seats['SYN-PRAC-07'].person.call('GET', `/api/meetings/${meeting}`);
    ({ item } = body.items[0]);
    const chair = seats['SYN-PRAC-01'];
    assert.ok((await chair.ask('meeting.open')).ok);
    assert.ok((await chair.ask('item.start', { item })).ok);
    await until('the plan is open', () => chair.events('plan.begun').length || chair.snapshot().case);
  });

  after(() => endAll(ends));

  /** All four write 4 kB texts as fast as they may, until `done`; gives the mean time to an answer. */
  async function flood(seconds) {
    const until_ = Date.now() + seconds * 1000;
    const times = [];
    await Promise.all(writers.map(async (key, i) => {
      const seat = seats[key];
      const field = fields[i];
      for (let n = 0; Date.now() < until_; n++) {
        const value = `${n} `.padEnd(limits.plan_field_bytes, 'long words ');
        const began = Date.now();
        const base = versions[field] ?? 0;
        const reply = await seat.ask('plan.set', { field, base, value });
        if (reply.ok) {
          times.push(Date.now() - began);
          versions[field] = base + 1;
        } else {
          assert.equal(reply.error, 'limit', JSON.stringify(reply));
          await new Promise((r) => setTimeout(r, 100));
        }
      }
    }));
    return { mean: times.reduce((a, b) => a + b, 0) / times.length, n: times.length };
  }

  test('a stalled socket delays nobody, is bounded, and is put right or closed', { timeout: 90000 }, async () => {
    for (const [i, key] of writers.entries()) assert.ok((await seats[key].ask('plan.take', { field: fields[i] })).ok);
    const calm = await flood(2);
    const stalled = await sit('SYN-PRAC-04');
    stalled.ws._socket.pause();
    const overflows = await figure('consilium_web_overflows_total');
    const stall = await flood(8);
    console.log(`answers: ${calm.n} in ${calm.mean.toFixed(1)} ms without, ${stall.n} in ${stall.mean.toFixed(1)} ms beside the stalled one`);
    // The others got every event, in order, although one stood still.
    for (const key of writers) {
      const seen = seats[key].events().filter((m) => m.s === 'case').map((m) => m.n);
      for (let i = 1; i < seen.length; i++) assert.equal(seen[i], seen[i - 1] + 1, `${key}: case event ${seen[i]}`);
    }
    const sizes = writers.map((key) => seats[key].events('plan.set').length);
    assert.ok(new Set(sizes).size === 1 && sizes[0] > 200, `all saw the same edits: ${sizes}`);
    const written = seats['SYN-PRAC-01'].events('plan.set').reduce((sum, m) => sum + JSON.stringify(m).length, 0);
    assert.ok(written > 2 * limits.lane_bytes, `only ${written} bytes were sent`);
    assert.ok((await figure('consilium_web_overflows_total')) > overflows, 'its lane was given up, not kept growing');

    // It reads again: whatever it missed is in a snapshot, or it was closed as too slow.
    stalled.ws._socket.resume();
    await until('put right or closed', () => {
      if (stalled.closed) return [1013, 1006].includes(stalled.closed);
      const n = stalled.messages.findLast((m) => m.t === 'snapshot' || m.t === 'event');
      const last = seats['SYN-PRAC-01'].messages.findLast((m) => m.t === 'event');
      return n && stalled.messages.filter((m) => m.t === 'snapshot').length > 1 && (n.case_n ?? n.n) >= 1 && last;
    }, 20000);
    const again = stalled.closed ? await sit('SYN-PRAC-04') : stalled;
    await until('it knows what all know', () => {
      const mine = again.snapshot();
      const texts = Object.fromEntries(mine.events.filter((e) => e.k === 'plan.set').map((e) => [e.d.field, e.d.value]));
      for (const e of again.messages.slice(again.messages.lastIndexOf(mine)).filter((m) => m.k === 'plan.set')) texts[e.d.field] = e.d.value;
      return fields.every((f) => texts[f] === seats['SYN-PRAC-01'].messages.findLast((m) => m.k === 'plan.set' && m.d.field === f).d.value);
    });
  });

  test('wrong, oversized, malformed and unauthorised messages get typed errors', async () => {
    const bystander = seats['SYN-PRAC-07'];
    const person = await Person.signIn(server, links.people['SYN-PRAC-05']);
    const seat = await person.socket(meeting);
    ends.push(() => seat.close());
    const before = bystander.messages.length;
    const raw = async (text) => {
      const n = seat.messages.length;
      seat.ws.send(text);
      return until('an answer', () => seat.messages.slice(n).find((m) => m.t === 'reply'));
    };
    const refused = async (text, kind) => {
      const reply = await raw(text);
      assert.deepEqual([reply.ok, reply.error], [false, kind], text.slice(0, 80));
      assert.ok(reply.message.length > 5);
    };
    await refused('', 'parse');
    await refused('{', 'parse');
    await refused('[]', 'parse');
    await refused('null', 'parse');
    await refused('{"id":1,"k":"hand.raise"}', 'parse');
    await refused('{"id":1,"k":"hand.raise","d":{},"d":{}}', 'parse');
    await refused('{"id":1,"k":"no.such","d":{}}', 'parse');
    await refused('{"id":1,"k":"hand.raise","d":{"seat":"x"}}', 'parse');
    await new Promise((r) => setTimeout(r, 1000)); // the bucket of requests fills again
    await refused('{"id":1,"k":"page.show","d":{"document":"not-an-id","page":1}}', 'parse');
    await refused(`{"id":1,"k":"plan.set","d":{"field":"answered","base":0,"value":"${'a'.repeat(limits.plan_field_bytes + 1)}"}}`, 'limit');
    await refused(`{"id":1,"k":"hand.raise","d":${'['.repeat(limits.message_depth + 1)}${']'.repeat(limits.message_depth + 1)}}`, 'limit');
    await refused(`{"id":1,"k":"item.start","d":{"item":"${item}"}}`, 'denied');
    await refused(`{"id":1,"k":"seat.mute","d":{"seat":"${bystander.you.seat}"}}`, 'denied');
    await refused('{"id":1,"k":"meeting.close","d":{}}', 'denied');
    await new Promise((r) => setTimeout(r, 1000));
    await refused('{"id":1,"k":"media.answer","d":{"sdp":"v=0"}}', 'absent');
    await refused('{"id":1,"k":"readback.start","d":{}}', 'denied');
    await refused(`{"id":1,"k":"plan.take","d":{"field":"answered"}}`, 'denied');
    assert.equal(seat.closed, null, 'clumsiness is answered, not punished');

    const big = await person.socket(meeting, { takeover: true });
    big.ws.send(`{"id":1,"k":"plan.set","d":{"field":"answered","base":0,"value":"${'a'.repeat(limits.message_bytes)}"}}`);
    assert.equal(await big.gone, 1009, 'too big to be a message');
    const binary = await person.socket(meeting);
    binary.ws.send(Buffer.from([0xff, 0xfe]), { binary: true });
    await until('binary is answered or closed', () => binary.closed || binary.messages.some((m) => m.t === 'reply' && !m.ok));
    if (!binary.closed) await binary.close();

    // Who comes without a cookie, from another page, or with a made-up cookie is not let in at all.
    for (const [headers, who] of [[{ cookie: '' }, 'no cookie'], [{ origin: 'http://evil.example' }, 'another origin'], [{ cookie: '__Host-session=AAAAAAAAAAAAAAAAAAAAAA' }, 'made up']]) {
      const stranger = new Seat(person);
      const opened = await stranger.open(headers).then(() => true, () => false);
      if (opened) {
        stranger.ws.send(JSON.stringify({ id: 1, k: 'hello', d: { meeting } }));
        await until(`${who} is refused`, () => stranger.closed || stranger.messages.some((m) => (m.t === 'reply' && !m.ok) || (m.t === 'notice' && m.k === 'signed_out')));
      }
      assert.equal(stranger.messages.some((m) => m.t === 'snapshot' || m.t === 'event'), false, who);
      stranger.ws.terminate();
    }
    const noise = bystander.messages.slice(before).filter((m) => m.t === 'event' && !m.k.startsWith('seat.'));
    assert.deepEqual(noise, [], 'nothing was changed');
    assert.ok((await bystander.ask('hand.raise')).ok && (await bystander.ask('hand.lower')).ok, 'the others go on');
  });

  test('uploads that lie are refused, and say why', { timeout: 60000 }, async () => {
    const { person } = seats['SYN-PRAC-07'];
    const at = `/api/cases/${ident('DEMO-CASE-02')}/documents`;
    const begin = (bytes, title = 'Scan of Fabelton, Augustin R.') => person.call('POST', at, { title, bytes });
    assert.equal((await begin(limits.upload_file_bytes + 1)).status, 413);
    assert.ok([400, 413].includes((await begin(0)).status), 'an empty file');
    assert.equal((await person.call('POST', at, { title: 'x' })).status, 400);
    assert.equal((await person.call('POST', `/api/cases/${ident('NO-SUCH-CASE')}/documents`, { title: 'x', bytes: 5 })).status, 404);

    const send = async (content) => {
      const { body } = await begin(content.length);
      const far = await person.call('PUT', `/api/documents/${body.document}/content?offset=7`, content);
      assert.deepEqual([far.status, far.body.offset], [200, 0], 'a piece that does not follow is not taken; the answer says where to go on');
      assert.equal((await person.call('PUT', `/api/documents/${body.document}/content?offset=0`, Buffer.concat([content, content]))).status >= 400, true, 'more than was announced');
      assert.ok((await person.call('PUT', `/api/documents/${body.document}/content?offset=0`, content)).status < 300);
      const done = await person.call('POST', `/api/documents/${body.document}/finish`, {});
      return { document: body.document, done };
    };
    for (const content of [Buffer.from('#!/bin/sh\necho hello\n'), Buffer.from(`%PDF-1.4\n${'1 0 obj << /Kids [1 0 R] >> endobj\n'.repeat(50)}`), Buffer.from('89504e470d0a1a0a0000000d4948445200ffffff00ffffff0802000000', 'hex')]) {
      const { document, done } = await send(content);
      if (done.status < 300) {
        const full = await until('the import ends', async () => {
          const { body } = await person.call('GET', `/api/documents/${document}`);
          return (body.state === 'failed' || body.state === 'refused') && body;
        }, 30000);
        assert.ok(full.message.length > 10, JSON.stringify(full));
      } else {
        assert.ok(done.status < 500 && done.body.message.length > 10, JSON.stringify(done));
      }
    }
    const huge = await new Promise((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write(`PUT /api/documents/${ident('X')}/content?offset=0 HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nOrigin: ${person.origin}\r\nCookie: ${person.cookie()}\r\nContent-Length: ${limits.upload_piece_bytes + 1}\r\n\r\n`));
      socket.once('data', (d) => resolve(String(d).split('\r\n')[0]));
      socket.once('close', () => resolve('closed'));
    });
    assert.match(huge, / 413 /);
    assert.equal((await new Person(server).call('POST', at, { title: 'x', bytes: 5 })).status, 401);
    assert.equal((await person.call('POST', at, { title: 'x', bytes: 5 }, { origin: 'http://evil.example' })).status, 403);
  });

  test('the log names no patient, no file and no text', () => {
    assert.ok(existsSync(logFile));
    const text = readFileSync(logFile, 'utf8');
    assert.ok(text.includes('server.ready'));
    for (const { record } of demo.cases)
      for (const word of [record.name, record.name.split(/[ ,]/)[0], record.birth_date, record.local_id]) assert.equal(text.includes(word), false, word);
    for (const word of ['Scan of', 'long words', 'evil', 'no.such']) assert.equal(text.includes(word), false, word);
  });
}
