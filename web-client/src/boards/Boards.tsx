import { Link } from 'wouter-preact';
import { usePage } from '../app/page';
import { roleWord } from '../app/roles';
import { me } from '../app/session';

export default function Boards() {
  usePage('Boards');
  const boards = me.value?.boards ?? [];
  return (
    <>
      <div class="lead"><div><h1>Boards</h1><p>{boards.length === 0 ? 'You are not a member of a board. A coordinator can add you.' : 'The boards you belong to.'}</p></div></div>
      <ul class="lines">
        {boards.map((board) => (
          <li key={board.board}><Link href={`/boards/${board.board}`}>{board.name}</Link><span class="note">{roleWord(board.role)}</span></li>
        ))}
      </ul>
    </>
  );
}
