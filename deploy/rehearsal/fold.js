// What a colleague knows of the room: events folded as they come. Only what the scripts act on.

const fresh = () => ({ item: '', plan: '', phase: 'none', fields: new Map(), lines: [], readback: null });

export class Room {
  constructor() {
    this.clear();
  }

  clear() {
    this.phase = 'planned';
    this.items = [];
    this.running = '';
    this.documents = [];
    this.seats = new Map(); // seat -> {person, state: here | away | left}
    this.chair = '';
    this.presenter = '';
    this.hands = [];
    this.draft = fresh();
  }

  seatOf(person) {
    for (const [seat, it] of this.seats) if (it.person === person) return seat;
    return '';
  }

  isHere(person) {
    const it = this.seats.get(this.seatOf(person));
    return it !== undefined && it.state !== 'left';
  }

  item(id = this.running) {
    return this.items.find((it) => it.item === id);
  }

  take(event) {
    const by = event.s === 'case' ? ofCase : ofMeeting;
    by[event.k]?.(event.s === 'case' ? this.draft : this, event.d, this);
  }
}

const ofMeeting = {
  'agenda.set': (room, d) => { room.items = d.items.map((it) => ({ ...it, state: room.item(it.item)?.state ?? 'planned' })); },
  'meeting.opened': (room) => { room.phase = 'open'; },
  'meeting.closed': (room) => { room.phase = 'closed'; },
  'seat.joined': (room, d) => { room.seats.set(d.seat, { person: d.person, name: d.name, state: 'here', muted: true }); },
  'seat.away': (room, d) => { if (room.seats.has(d.seat)) room.seats.get(d.seat).state = 'away'; },
  'seat.back': (room, d) => { if (room.seats.has(d.seat)) room.seats.get(d.seat).state = 'here'; },
  'seat.left': (room, d) => {
    if (room.seats.has(d.seat)) room.seats.get(d.seat).state = 'left';
    room.hands = room.hands.filter((it) => it !== d.seat);
  },
  'hand.raised': (room, d) => { room.hands.push(d.seat); },
  'hand.lowered': (room, d) => { room.hands = room.hands.filter((it) => it !== d.seat); },
  'sound.muted': (room, d) => { if (room.seats.has(d.seat)) room.seats.get(d.seat).muted = d.muted; },
  'item.started': (room, d) => {
    room.running = d.item;
    room.documents = d.documents;
    room.presenter = '';
    room.draft = fresh();
    if (room.item(d.item)) room.item(d.item).state = 'running';
  },
  'item.ended': (room, d) => {
    if (room.item(d.item)) room.item(d.item).state = d.outcome;
    room.running = '';
    room.documents = [];
    room.draft = fresh();
  },
  'document.shared': (room, d) => {
    room.documents = [...room.documents.filter((it) => it.document !== d.document.document), d.document];
  },
  'presenter.passed': (room, d) => { room.presenter = /^[0-]+$/.test(d.seat) ? '' : d.seat; },
  'chair.acting': (room, d) => { room.chair = d.seat; },
};

const ofCase = {
  'plan.begun': (draft, d) => { Object.assign(draft, fresh(), { item: d.item, plan: d.plan, phase: 'draft' }); },
  'plan.taken': (draft, d) => { field(draft, d.field).lease = d.seat; },
  'plan.dropped': (draft, d) => { field(draft, d.field).lease = ''; },
  'plan.set': (draft, d) => { Object.assign(field(draft, d.field), { version: d.version, value: d.value, seat: d.seat }); },
  'plan.line_added': (draft, d) => { draft.lines.splice(d.at, 0, d.line); },
  'plan.line_removed': (draft, d) => { draft.lines = draft.lines.filter((it) => it !== d.line); },
  'readback.begun': (draft, d) => {
    draft.phase = 'readback';
    draft.readback = { digest: d.digest, wording: d.wording, lines: d.lines, met: d.quorum_met, proposed: d.proposed,
      running: false, over: false, objection: '' };
  },
  'readback.window': (draft, d) => {
    if (draft.readback) Object.assign(draft.readback, { running: d.running, over: d.left_s === 0 });
  },
  'readback.objected': (draft, d) => {
    if (draft.readback) Object.assign(draft.readback, { objection: d.kind, running: false });
  },
  'readback.ended': (draft) => { Object.assign(draft, { phase: 'draft', readback: null }); },
  'plan.signed': (draft) => { draft.phase = 'signed'; },
};

function field(draft, name) {
  if (!draft.fields.has(name)) draft.fields.set(name, { version: 0, value: '', lease: '' });
  return draft.fields.get(name);
}
