/** Signs the plan under read-back: one POST, the PIN goes nowhere else and is kept nowhere. */
import type { BodyPlanSign, Problem } from '../protocol/generated/protocol';

export type SignResult = { ok: true } | { ok: false; error: string; message: string; field: string };

export async function signPlan(body: BodyPlanSign): Promise<SignResult> {
  const none = { ok: false as const, error: 'closed', field: '', message: 'No connection. Nothing was signed; try again when you are back.' };
  let answer: Response;
  try {
    answer = await fetch('/api/plans/sign', {
      method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
    });
  } catch {
    return none;
  }
  if (answer.ok) return { ok: true };
  const p = (await answer.json().catch(() => null)) as Problem | null;
  return { ok: false, error: p?.error ?? 'sys', field: p?.field ?? '', message: p?.message ?? `The server answered ${answer.status}. Nothing was signed.` };
}
