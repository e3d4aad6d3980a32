/** The icons of the design, by the name of what they say. All from lucide (ISC). */
export {
  BadgeCheck, CircleCheck, CircleDashed, Check, Clock, Eye, FilePlus, GitFork, Hand, Lock, LockOpen, Mic, MicOff, PenLine, Phone,
  Plug, Printer, RefreshCw, Search, Send, Signal, Stamp, TriangleAlert, Unplug, Upload, UserPlus, UserRound, Volume2, X, Gauge,
  ChevronUp, ChevronDown, Copy, Download, CalendarPlus, Users, DoorOpen, Plus, ArrowUp, ArrowDown, Calendar, MapPin, LogIn, ShieldCheck,
  FileText, Trash2, KeyRound,
} from 'lucide-preact';
