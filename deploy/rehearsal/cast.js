// Who sits at the rehearsed board. Keys are those of deploy/demo/demo.json.
// The last number of a voice is its speed in words a minute.
const voice = (name, pitch, speed) => ({ name, pitch, speed });

export const CAST = {
  chair: { key: 'SYN-PRAC-01', voice: voice('en-gb+f3', 46, 158) },
  scribe: { key: 'SYN-PRAC-02', voice: voice('en-us+m3', 42, 162) },
  radiotherapy: { key: 'SYN-PRAC-03', voice: voice('en-us+f2', 58, 160) },
  radiology: { key: 'SYN-PRAC-04', voice: voice('en-gb-scotland+f4', 50, 162) },
  pathology: { key: 'SYN-PRAC-05', voice: voice('en-gb+m7', 30, 154) },
  pulmonology: { key: 'SYN-PRAC-06', voice: voice('en-us+f5', 40, 164) },
  coordinator: { key: 'SYN-PRAC-07', voice: voice('en-us+f1', 64, 168) },
  oncology: { key: 'SYN-PRAC-28', voice: voice('en-gb-x-gbclan+m1', 52, 158) },
  clinic: { key: 'SYN-PRAC-21', voice: voice('en-us+f4', 54, 160) },
  saltgrass: { key: 'SYN-PRAC-23', voice: voice('en-gb-x-gbcwmd+m2', 44, 156) },
};

export const BOARD = 'DEMO-BOARD-THORACIC';
