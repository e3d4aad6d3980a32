/** Events for tests: a log is written as one reads it, numbers and times follow. */
import type { Document, EventData, LogEvent, ServerEvent, ServerSnapshot } from '../protocol/generated/protocol';

export const START = 1_763_535_000_000_000;

export function writer(stream: 'meeting' | 'case', id: string = stream) {
  let n = 0;
  return (e: EventData, atS = 0, by = ''): LogEvent => ({ ...e, s: stream, id, n: ++n, at: START + atS * 1e6, by });
}

export function asServer(e: LogEvent): ServerEvent {
  return { ...e, t: 'event' } as unknown as ServerEvent;
}

export function snapshot(events: LogEvent[], meetingN: number, caseN: number): ServerSnapshot {
  return {
    t: 'snapshot', you: { seat: 's1', person: 'p1', name: 'Dr. Ingrid Solheim', role: 'chair', guest: false }, meeting_n: meetingN,
    case: 'case', case_n: caseN, now_us: START, events: events as unknown as Record<string, unknown>[],
  };
}

export function join(seat: string, specialty: string, confirmed = true): EventData {
  return { k: 'seat.joined', d: { seat, person: `p-${seat}`, name: `Dr. ${seat}`, specialty, site: '', role: 'member', confirmed, items: [] } };
}

export function item(id: string, minutes: number): import('../protocol/generated/protocol').Item {
  return {
    item: id, case: `c-${id}`, minutes, presenter: '', presenter_name: '', referrer: '', referrer_name: '', name: `${id}, A`, birth_date: '1959-03-14',
    local_id: 'L1', diagnosis: '', stage: '', question: '',
  };
}

export function deck(id: string, pages: number): Document {
  return {
    document: id, title: id, kind: 'pdf', state: 'ready', message: '',
    pages: Array.from({ length: pages }, (_, i) => ({ width: 2000, height: 1125, levels: 3, digest: `${id}${i}` })),
  };
}
