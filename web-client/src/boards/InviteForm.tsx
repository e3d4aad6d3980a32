import { useState } from 'preact/hooks';
import { said } from '../api/client';
import type { BodyInvitationMake, MeetingFull, Person } from '../protocol/generated/protocol';
import { Btn, Field } from '../ui/controls';
import { PersonSearch } from '../ui/PersonSearch';
import { SPECIALTIES, specialtyWord } from '../ui/words';

interface InviteProps {
  meeting: MeetingFull;
  invite: (body: BodyInvitationMake, name: string) => Promise<void>;
  close: () => void;
}

/** Who is invited: somebody the site knows, or a name with specialty and site that chair or coordinator confirm later. */
export function InviteForm({ meeting, invite, close }: InviteProps) {
  const [person, setPerson] = useState<Person | undefined>();
  const [name, setName] = useState('');
  const [specialty, setSpecialty] = useState('');
  const [site, setSite] = useState('');
  const [items, setItems] = useState<string[]>([]);
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const saved = meeting.items.filter((it) => it.item !== '');

  const submit = async (event: Event) => {
    event.preventDefault();
    if (!person && (!name.trim() || !specialty)) return setFault('Find the person, or give a name and a specialty.');
    if (items.length === 0) return setFault('Choose at least one case the person may hear.');
    setBusy(true);
    setFault('');
    try {
      const body = person ? { person: person.person, name: '', specialty: '', site: '', items } : { person: '', name: name.trim(), specialty, site: site.trim(), items };
      await invite(body, person?.name ?? name.trim());
    } catch (error) {
      setFault(said(error));
    } finally {
      setBusy(false);
    }
  };
  const toggle = (item: string) => setItems(items.includes(item) ? items.filter((it) => it !== item) : [...items, item]);

  return (
    <form class="invite" onSubmit={submit} noValidate aria-label="Invite a person">
      {person ? (
        <div class="acts spread">
          <span><b>{person.name}</b><br /><span class="note">{specialtyWord(person.specialty)}, {person.site}</span></span>
          <Btn small onClick={() => setPerson(undefined)}>Choose another</Btn>
        </div>
      ) : (
        <>
          <PersonSearch label="Find a person" id="invite-search" hint="By name. Not here? Fill in the three fields below." chosen={setPerson} />
          <div class="grid2">
            <Field label="Name" id="invite-name">{(ids) => <input {...ids} type="text" maxLength={120} autocomplete="off" value={name} onInput={(e) => setName(e.currentTarget.value)} />}</Field>
            <Field label="Specialty" id="invite-specialty">
              {(ids) => (
                <select {...ids} value={specialty} onChange={(e) => setSpecialty(e.currentTarget.value)}>
                  <option value="">Choose</option>
                  {SPECIALTIES.map((it) => <option key={it.id} value={it.id}>{it.label}</option>)}
                </select>
              )}
            </Field>
            <Field label="Clinic or site" id="invite-site">{(ids) => <input {...ids} type="text" maxLength={160} autocomplete="off" value={site} onInput={(e) => setSite(e.currentTarget.value)} />}</Field>
          </div>
          <p class="note">A specialty given here counts for quorum once you or the chair confirm it in the room.</p>
        </>
      )}
      <fieldset>
        <legend class="label">Hears these cases, nothing else</legend>
        {saved.length === 0 && <p class="note">Save the agenda first: an invitation names its cases.</p>}
        {saved.map((it, index) => (
          <label key={it.item} class="tick"><input type="checkbox" checked={items.includes(it.item)} onChange={() => toggle(it.item)} /> {index + 1} {it.name}, {it.diagnosis}</label>
        ))}
      </fieldset>
      {fault && <p class="fault" role="alert">{fault}</p>}
      <div class="acts"><Btn main type="submit" disabled={busy}>Make the link</Btn><Btn onClick={close}>Close</Btn></div>
    </form>
  );
}
