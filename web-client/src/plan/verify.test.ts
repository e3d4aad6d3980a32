import { createHash, generateKeyPairSync, sign, webcrypto } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { grouped, verify, type Proof } from './verify';

const subtle = webcrypto.subtle as unknown as SubtleCrypto;
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const key = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');

function signed(text: string, seal = 'consilium.plan/1\0'): Proof {
  const digest = createHash('sha256').update(text).digest();
  return { text, digest: digest.toString('hex'), signature: sign(null, Buffer.concat([Buffer.from(seal), digest]), privateKey).toString('hex'), key };
}

const plan = signed('{"question":"Résection?"}');
const verdict = async (it: Proof, site: { key: string } | undefined = { key }) => (await verify(it, site, subtle)).verdict;

describe('verification on this device', () => {
  it('says good for the exact bytes and the key of this site', async () => {
    expect(await verdict(plan)).toBe('good');
  });

  it('says altered for one changed letter, also if the digest was changed with it', async () => {
    const text = plan.text.replace('R', 'r');
    expect(await verdict({ ...plan, text })).toBe('altered');
    expect(await verdict({ ...plan, text, digest: createHash('sha256').update(text).digest('hex') })).toBe('altered');
  });

  it('says altered for a signature made for another purpose, or a broken one', async () => {
    expect(await verdict(signed(plan.text, 'consilium.addendum/1\0'))).toBe('altered');
    expect(await verdict({ ...plan, signature: plan.signature.replace(/^../, plan.signature.startsWith('00') ? '01' : '00') })).toBe('altered');
    expect(await verdict({ ...plan, signature: 'xyz' })).toBe('altered');
    expect(await verdict({ ...plan, key: 'AB' })).toBe('altered');
  });

  it('says that the key is unknown where it is not that of this site', async () => {
    expect(await verdict(plan, { key: '00'.repeat(32) })).toBe('key_unknown');
    expect((await verify(plan, undefined, subtle)).verdict).toBe('key_unknown');
  });

  it('claims nothing where the browser cannot check', async () => {
    const without = { ...Object.fromEntries([]), digest: subtle.digest.bind(subtle), importKey: () => Promise.reject(new DOMException('no', 'NotSupportedError')) } as unknown as SubtleCrypto;
    expect((await verify(plan, { key }, without)).verdict).toBe('not_checked');
    // A changed text is seen even then.
    expect((await verify({ ...plan, text: 'other' }, { key }, without)).verdict).toBe('altered');
  });

  it('groups a digest as it is printed', () => {
    expect(grouped('7f3a91c2', 1)).toBe('7f3a …');
    expect(grouped('7f3a91c2')).toBe('7f3a 91c2');
  });
});
