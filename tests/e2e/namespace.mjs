// A walk in a network (and mount) namespace of its own: an address that is not loopback, a link that can be
// taken down, a small disk. The namespace has no name and ends with the last process in it, so nothing is left.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Firefox sends nothing to 127.0.0.1; this is the namespace's own address (RFC 5737). */
export const ADDRESS = '198.51.100.7';

const setup = `ip link set lo up
ip link add vtb0 type veth peer name vtb1
ip addr add ${ADDRESS}/24 dev vtb0
ip link set vtb0 up
ip link set vtb1 up
ip route add default dev vtb0
exec "$@"`;

/**
 * True inside. Outside it registers one test that runs the same file inside, and gives false.
 * Who is not root gets a user namespace as well.
 */
export function inNamespace(url) {
  if (process.env.VTB_E2E_INSIDE === '1') return true;
  test(`in a namespace of its own: ${url.split('/').at(-1)}`, async (t) => {
    const rootless = process.getuid() === 0 ? [] : ['--user', '--map-root-user'];
    const env = { ...process.env, VTB_E2E_INSIDE: '1' };
    delete env.NODE_TEST_CONTEXT; // it is a run of its own, with words of its own
    const child = spawn('unshare', [...rootless, '--net', '--mount', '--pid', '--mount-proc', '--kill-child', '--fork', '--', 'sh', '-ec', setup, 'sh', process.execPath,
      '--test', '--test-reporter=spec', fileURLToPath(url)], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (b) => (text += b));
    child.stderr.on('data', (b) => (text += b));
    const code = await new Promise((done) => child.once('exit', done));
    if (code === 0) t.diagnostic(`\n${text}`);
    else console.log(text);
    assert.equal(code, 0, 'what failed inside stands above');
  });
  return false;
}

/** Takes the loopback of this namespace away and brings it back: no datagram and no segment passes. */
export const network = (up) => execFileSync('ip', ['link', 'set', 'lo', up ? 'up' : 'down']);
