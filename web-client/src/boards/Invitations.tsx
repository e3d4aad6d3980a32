import { useState } from 'preact/hooks';
import { call, said } from '../api/client';
import { announce } from '../app/announce';
import type { InvitationCard, InvitationLink, BodyInvitationMake, MeetingFull } from '../protocol/generated/protocol';
import { Btn, State } from '../ui/controls';
import { Dialog } from '../ui/notices';
import { specialtyWord } from '../ui/words';
import { CopyLine } from './CopyLine';
import { InviteForm } from './InviteForm';

interface Link {
  name: string;
  url: string;
}

/** The link is here once: the server keeps only its digest. */
function OnceLink({ link, done }: { link: Link; done: () => void }) {
  return (
    <div class="banner info">
      <div class="wide-part">
        <p><b>Link for {link.name}.</b> It is shown only now. Send it to this person alone: it opens on one device.</p>
        <div class="link-once gap-3">
          <CopyLine main name={`Link for ${link.name}`} text={link.url} />
          <Btn plain onClick={done}>Done</Btn>
        </div>
      </div>
    </div>
  );
}

type Ask = { what: 'link' | 'free'; card: InvitationCard };

function AskDialog({ ask, close, go }: { ask: Ask; close: () => void; go: () => void }) {
  const { what, card } = ask;
  return (
    <Dialog title={what === 'link' ? `New link for ${card.name}?` : `Free the device of ${card.name}?`} close={close}>
      <p>{what === 'link' ? 'The old link ends at once. A device that used it is signed out.' : 'The device that holds the seat now is let go. The next device that opens the link gets it.'}</p>
      <div class="acts"><Btn main onClick={go}>{what === 'link' ? 'Make a new link' : 'Free the device'}</Btn><Btn onClick={close}>Leave it as it is</Btn></div>
    </Dialog>
  );
}

export function Invitations({ meeting, again }: { meeting: MeetingFull; again: () => Promise<void> }) {
  const [link, setLink] = useState<Link | undefined>();
  const [ask, setAsk] = useState<Ask | undefined>();
  const [fault, setFault] = useState('');
  const [open, setOpen] = useState(false);
  const names = new Map(meeting.items.map((it, index) => [it.item, `${index + 1} ${it.name}`]));

  const act = async (it: Ask) => {
    setAsk(undefined);
    setFault('');
    try {
      if (it.what === 'free') {
        await call<void>('POST', `/api/invitations/${it.card.invitation}/free`);
        announce(`${it.card.name}: another device may open the link now.`);
      } else {
        const made = await call<InvitationLink>('POST', `/api/invitations/${it.card.invitation}/link`);
        setLink({ name: it.card.name, url: made.url });
      }
      await again();
    } catch (error) {
      setFault(said(error));
    }
  };
  const invite = async (body: BodyInvitationMake, name: string) => {
    const made = await call<InvitationLink>('POST', `/api/meetings/${meeting.meeting}/invitations`, { body });
    setLink({ name, url: made.url });
    setOpen(false);
    await again();
  };

  return (
    <section class="below" aria-labelledby="invitations">
      <div class="head"><h2 id="invitations">Invitations</h2><span class="note num">{meeting.invitations.length}</span></div>
      {link && <div class="gap-4"><OnceLink link={link} done={() => setLink(undefined)} /></div>}
      {fault && <p class="fault" role="alert">{fault}</p>}
      {meeting.invitations.length === 0 && <p class="note gap-3">Nobody is invited yet. Members of the board need no invitation; guests do.</p>}
      {meeting.invitations.length > 0 && (
        <table class="table fold">
          <thead><tr><th scope="col">Who</th><th scope="col">Hears</th><th scope="col">Device</th><th scope="col"><span class="hide">Change</span></th></tr></thead>
          <tbody>
            {meeting.invitations.map((card) => (
              <tr key={card.invitation}>
                <td><b>{card.name}</b><br /><span class="note">{specialtyWord(card.specialty)}{card.site && `, ${card.site}`}</span></td>
                <td data-l="Hears">{card.items.map((it) => names.get(it)).filter(Boolean).join(', ') || 'no item of this agenda'}</td>
                <td data-l="Device">{card.bound ? <State tone="ok">opened</State> : <State tone="none">not opened yet</State>}</td>
                <td>
                  <div class="acts">
                    {card.bound && <Btn small onClick={() => setAsk({ what: 'free', card })} aria-label={`Free the device of ${card.name}`}>Free the device</Btn>}
                    <Btn small onClick={() => setAsk({ what: 'link', card })} aria-label={`New link for ${card.name}`}>New link</Btn>
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {meeting.state !== 'closed' && (open ? <InviteForm meeting={meeting} invite={invite} close={() => setOpen(false)} /> : <p class="acts gap-4"><Btn onClick={() => setOpen(true)}>Invite a person</Btn></p>)}
      {ask && <AskDialog ask={ask} close={() => setAsk(undefined)} go={() => void act(ask)} />}
    </section>
  );
}
