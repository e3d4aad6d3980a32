// Runs a file of tests again inside a network namespace of its own, where it may make links. Where the kernel
// or the container does not permit that, its tests are skipped and say so.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const way = [...(process.getuid() === 0 ? [] : ['--user', '--map-root-user']), '--net', '--mount', '--pid', '--mount-proc', '--kill-child', '--fork', '--'];

function refusal() {
  if (!existsSync('/dev/net/tun')) return 'there is no /dev/net/tun';
  const tried = spawnSync('unshare', [...way, 'ip', 'tuntap', 'add', 'dev', 'try0', 'mode', 'tun'], { encoding: 'utf8' });
  return tried.status === 0 ? '' : `network namespaces are not permitted here (${(tried.stderr || String(tried.error ?? tried.status)).trim()})`;
}

/** True inside. Outside it registers one test that runs the same file inside, and gives false. */
export function inNamespace(url) {
  if (process.env.VTB_NET_INSIDE === '1') return true;
  const why = refusal();
  test(`in a namespace of its own: ${url.split('/').at(-1)}`, { skip: why || false }, async (t) => {
    const env = { ...process.env, VTB_NET_INSIDE: '1' };
    delete env.NODE_TEST_CONTEXT; // it is a run of its own, with words of its own
    const child = spawn('unshare', [...way, 'sh', '-ec', 'ip link set lo up; exec "$@"', 'sh', process.execPath, '--test', '--test-reporter=spec', fileURLToPath(url)],
      { env, stdio: ['ignore', 'pipe', 'pipe'] });
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
