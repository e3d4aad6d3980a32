export { BoardRecordings as default } from './List';
