/** What can be said of a new PIN or password before it is sent; empty: nothing. The server checks it again. */
export function pinFault(pin: string, again: string): string {
  if (!/^\d{4,12}$/.test(pin)) return 'A PIN has 4 to 12 digits.';
  if (/^(\d)\1*$/.test(pin)) return 'Not the same digit throughout.';
  const steps = new Set([...pin].slice(1).map((digit, i) => Number(digit) - Number(pin[i])));
  if (steps.size === 1 && (steps.has(1) || steps.has(-1))) return 'Not digits in a row, like 1234.';
  return pin === again ? '' : 'The two are not the same.';
}

export function passwordFault(password: string, again: string): string {
  if ([...password].length < 10) return 'A password has at least 10 characters. A short sentence is easy to keep in mind.';
  if (new TextEncoder().encode(password).length > 200) return 'A password is at most 200 bytes long.';
  return password === again ? '' : 'The two are not the same.';
}
