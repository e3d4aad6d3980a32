// One person's browser, as far as HTTP goes: a cookie and our own Origin.

export class Refused extends Error {
  constructor(status, problem) {
    super(problem?.message ?? `HTTP ${status}`);
    this.status = status;
  }
}

export class Browser {
  constructor(url, token) {
    this.url = url;
    this.token = token;
    this.cookie = '';
  }

  async signIn() {
    this.cookie = '';
    await this.call('POST', '/api/session/demo', { token: this.token });
  }

  async call(method, path, body) {
    const answer = await fetch(this.url + path, {
      method,
      headers: { Origin: this.url, Cookie: this.cookie, ...(body ? { 'Content-Type': 'application/json' } : {}) },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    for (const line of answer.headers.getSetCookie()) this.cookie = line.split(';')[0];
    const text = await answer.text();
    const data = text.startsWith('{') ? JSON.parse(text) : undefined;
    if (!answer.ok) throw new Refused(answer.status, data);
    return data;
  }
}
