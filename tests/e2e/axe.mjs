// axe-core in a page of a walk, for screens that come up only on the way.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { here } from './lib.mjs';

const AXE = readFileSync(join(here, 'node_modules/axe-core/axe.min.js'), 'utf8');

/** Fails with what axe found, in words. By evaluate and not by a script element, which our policy refuses. */
export async function axe(page, what) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`), [], `${what}: axe finds faults`);
}
