import './today.css';
import { useEffect } from 'preact/hooks';
import { usePage } from '../app/page';
import { deskOf } from '../app/roles';
import { me } from '../app/session';
import type { Today as Day } from '../protocol/generated/protocol';
import { Shown, useLoad } from '../ui/load';
import { weekDate } from '../ui/time';
import { ChairDay } from './ChairDay';
import { ClinicianDay } from './ClinicianDay';
import { CoordinatorDay } from './CoordinatorDay';

const EVERY_MS = 60_000;

function Page({ day }: { day: Day }) {
  const person = me.value;
  const title = weekDate(day.now_us);
  usePage(title);
  if (!person) return null;
  switch (deskOf(person)) {
    case 'coordinator':
      return <CoordinatorDay day={day} title={title} />;
    case 'chair':
      return <ChairDay day={day} title={title} />;
    case 'clinician':
      return <ClinicianDay day={day} title={title} guest={person.guest} />;
  }
}

export default function Today() {
  const day = useLoad<Day>('/api/today');
  useEffect(() => {
    // The page stays open for hours beside other work; what it says must not be an hour old.
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void day.again();
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [day.again]);
  return <Shown of={day} what="day">{(it) => <Page day={it} />}</Shown>;
}
