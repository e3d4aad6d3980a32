// Which meetings were rehearsed, and which of their plans the script signed. The last three stay in the lists;
// older ones are archived: their log stays, nothing lists them. A meeting in which a human signed stays for ever.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const LISTED = 3;
const REMEMBERED = 500;

/** May this meeting leave the lists? Each plan signed in it was signed by the script. */
export function mayGo(meeting, signedByScript) {
  return meeting.state === 'closed' && meeting.items.every((it) => it.state !== 'signed' || signedByScript.includes(it.item));
}

export class Kept {
  #path;
  #call;
  #log;
  #list; // {meeting, signed: [item], settled: archived, or never to be} oldest first

  /** `call(method, path)`: as the coordinator. */
  constructor(path, call, log) {
    this.#path = path;
    this.#call = call;
    this.#log = log;
    const read = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [];
    // Older files are a list of ids. Who signed there is not known, so it counts as a human.
    this.#list = read.map((it) => (typeof it === 'string' ? { meeting: it, signed: [], settled: false } : it));
  }

  has(meeting) {
    return this.#list.some((it) => it.meeting === meeting);
  }

  add(meeting) {
    this.#list.push({ meeting, signed: [], settled: false });
    this.#write();
  }

  signed(meeting, item) {
    this.#list.find((it) => it.meeting === meeting)?.signed.push(item);
    this.#write();
  }

  /** What is older than the last three leaves the lists. What cannot be asked now is asked next time. */
  async tidy() {
    for (const it of this.#list.slice(0, -LISTED).filter((old) => !old.settled)) {
      try {
        if (mayGo(await this.#call('GET', `/api/meetings/${it.meeting}`), it.signed)) await this.#call('DELETE', `/api/meetings/${it.meeting}`);
        it.settled = true;
      } catch (error) {
        if (error.status === 404) it.settled = true; // another data folder
        else this.#log(`not archived yet: ${error.message}`);
      }
    }
    this.#write();
  }

  #write() {
    writeFileSync(`${this.#path}.part`, JSON.stringify(this.#list.slice(-REMEMBERED)));
    renameSync(`${this.#path}.part`, this.#path);
  }
}
