import type { PlanFull, SiteKey } from '../protocol/generated/protocol';

/**
 * Checks a plan on the reader's own device: SHA-256 of the text must be the digest, and the Ed25519 signature must be
 * over "consilium.plan/1", a zero byte and that digest (server/record/sign.h). What the browser cannot check is said.
 */
export type Verdict = 'good' | 'altered' | 'key_unknown' | 'not_checked';

export interface Checked {
  verdict: Verdict;
  title: string;
  text: string;
  at: number;
}

const SEAL = 'consilium.plan/1';

const WORDS: Record<Verdict, { title: string; text: string }> = {
  good: { title: 'This text is what was signed', text: 'Checked with the key of this site.' },
  altered: { title: 'This text is not what was signed', text: 'Do not act on it. Call the coordinator of the board, and ask for the plan on paper.' },
  key_unknown: { title: 'Signed, but we cannot check by whom', text: 'The text fits its signature. The key is not the one of this site.' },
  not_checked: { title: 'Not checked here', text: '' },
};

export function toHex(bytes: ArrayBuffer | Uint8Array): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function fromHex(text: string, length: number): Uint8Array<ArrayBuffer> | undefined {
  if (text.length !== length * 2 || !/^[0-9a-f]*$/.test(text)) return undefined;
  return Uint8Array.from({ length }, (_, at) => Number.parseInt(text.slice(at * 2, at * 2 + 2), 16));
}

export function sealed(digest: Uint8Array): Uint8Array<ArrayBuffer> {
  const seal = new TextEncoder().encode(SEAL);
  const message = new Uint8Array(seal.length + 1 + digest.length);
  message.set(seal);
  message.set(digest, seal.length + 1);
  return message;
}

function result(verdict: Verdict, text = WORDS[verdict].text): Checked {
  return { verdict, title: WORDS[verdict].title, text, at: Date.now() };
}

/** True, false, or undefined where this browser has no Ed25519. */
async function signatureHolds(subtle: SubtleCrypto, key: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer>): Promise<boolean | undefined> {
  try {
    const imported = await subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify']);
    return await subtle.verify({ name: 'Ed25519' }, imported, signature, message);
  } catch (error) {
    // An unknown algorithm is the browser's gap; a key that is no point on the curve is the plan's fault.
    return error instanceof DOMException && error.name === 'NotSupportedError' ? undefined : false;
  }
}

export type Proof = Pick<PlanFull, 'text' | 'digest' | 'signature' | 'key'>;

export async function verify(plan: Proof, site: Pick<SiteKey, 'key'> | undefined, subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle): Promise<Checked> {
  if (!subtle) return result('not_checked', 'This browser checks signatures on secure connections only. Save the file and check it with consilium verify.');
  const digest = fromHex(plan.digest, 32);
  const key = fromHex(plan.key, 32);
  const signature = fromHex(plan.signature, 64);
  if (!digest || !key || !signature) return result('altered');
  const found = toHex(await subtle.digest('SHA-256', new TextEncoder().encode(plan.text)));
  if (found !== plan.digest) return result('altered');
  const holds = await signatureHolds(subtle, key, signature, sealed(digest));
  if (holds === undefined) return result('not_checked', 'This browser cannot check the signature. The text agrees with its own seal, which alone proves nothing. Save the file and check it with consilium verify.');
  if (!holds) return result('altered');
  if (!site) return result('key_unknown', 'The text fits its signature. The key of this site could not be fetched to compare.');
  return result(site.key === plan.key ? 'good' : 'key_unknown');
}

/** A digest in groups of four, as it is printed. */
export function grouped(hex: string, groups = Infinity): string {
  const all = hex.match(/.{1,4}/g) ?? [];
  return all.slice(0, groups).join(' ') + (all.length > groups ? ' …' : '');
}
