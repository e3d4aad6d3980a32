import type { ItemCard } from '../protocol/generated/protocol';

const STATES: Record<ItemCard['state'], string> = {
  planned: '', running: ', running', signed: ', signed', deferred: ', deferred', left_open: ', left open',
};

function markClass(item: ItemCard): string {
  if (item.state === 'running') return 'here';
  return item.gaps.length > 0 && item.state === 'planned' ? 'gap' : 'done';
}

function markWords(item: ItemCard): string {
  const gaps = item.gaps.length > 0 ? `${item.gaps.join(', ')} missing` : 'complete';
  return `${item.name}, ${item.state === 'planned' ? gaps : ''}${STATES[item.state]}, ${item.minutes} minutes`.replace(', ,', ',');
}

/** An agenda drawn to the scale of time: solid is complete, dashed has something missing. */
export function Ruler({ items }: { items: readonly ItemCard[] }) {
  return (
    <ol class="ruler" aria-label="Cases drawn to the scale of their minutes">
      {items.map((item, index) => (
        <li key={item.item} class={markClass(item)} style={{ '--min': item.minutes }}>
          <b aria-hidden="true">{index + 1}</b>
          <span class="hide">{markWords(item)}</span>
        </li>
      ))}
    </ol>
  );
}
