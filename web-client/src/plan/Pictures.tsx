import { useState } from 'preact/hooks';
import type { Picture } from '../protocol/generated/protocol';
import { count } from '../ui/words';

function Thumb({ picture }: { picture: Picture }) {
  const [lost, setLost] = useState(false);
  const name = `${picture.title}, page ${picture.page}`;
  return (
    <li>
      <span class="thumb-box">
        {lost ? <span class="note">Not shown here</span> : <img src={`/t/${picture.document}/${picture.digest}/0/0_0`} alt="" loading="lazy" onError={() => setLost(true)} />}
      </span>
      <span class="tiny">{name}</span>
    </li>
  );
}

/** What was on the screen while the case was discussed, by the digests that were signed with the plan. */
export function Pictures({ pictures }: { pictures: readonly Picture[] }) {
  return (
    <section aria-labelledby="shown">
      <div class="head"><h2 id="shown">As it was shown</h2><span class="note num">{count(pictures.length, 'picture')}</span></div>
      {pictures.length === 0 && <p class="note gap-3">No picture was shown.</p>}
      <ul class="thumbs">{pictures.map((it) => <Thumb key={`${it.digest}.${it.page}`} picture={it} />)}</ul>
    </section>
  );
}
