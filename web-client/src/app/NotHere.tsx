import { Go } from '../ui/controls';
import { usePage } from './page';

export function NotHere() {
  usePage('No such page');
  return (
    <div class="blank">
      <h1>No such page</h1>
      <p>The address may be cut short. Links from a mail can break over two lines.</p>
      <div class="acts"><Go main href="/today">Open Today</Go></div>
    </div>
  );
}
