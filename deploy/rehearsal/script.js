// What is said, shown and written. Fictional patients; written for this project from the cases of
// deploy/demo/demo.json. One entry is a turn: who speaks, what, and what happens meanwhile.
//
//   page: n            the presenter shows page n of the case's deck
//   zoom: [x, y, w, h] and goes close, in 1/10000 of the page's width
//   point: [[x, y]]    with the pointer moving from one place to the next
//   pass: who          the presenter role goes to a colleague (not where a human has it)
//   hand: who          a hand goes up; give: who   the chair gives the floor
//   write: [fields]    the scribe writes these fields of the plan; lines: [n] these recommendations
//   dissent: true      the speaker writes the own dissent
//
// Letters that are to be spoken one by one stand apart: "E G F R".

const turn = (by, say, meanwhile = {}) => ({ by, say, ...meanwhile });

export const OPENING = [
  turn('coordinator', 'Good day, everybody. All disciplines are here, and sound is on. This meeting is not recorded.'),
  turn('chair', 'Thank you, Tilda. Welcome to the thoracic board. Two cases today. We begin with Doctor Mockford and her patient.'),
];

export const CASES = {
  'DEMO-CASE-01': [
    turn('clinic', 'Thank you for hearing her. This is a sixty four year old school bus driver who never smoked. Eight weeks of cough, then a shadow in the right upper lobe.', { page: 2 }),
    turn('clinic', 'She is fit, E C O G one. She wants treatment aimed at cure, and she wants to go on working part time. My question is what comes after chemoradiation. And whether surgery is still an option.', { page: 3, write: ['wishes'] }),
    turn('chair', 'Clear question. Dagny, would you show us the scan?', { pass: 'radiology' }),
    turn('radiology', 'Here is the C T of the twenty first of October. A spiculated nodule in the anterior segment, twenty eight millimetres. Strands to the pleura, but no invasion of the chest wall.', { page: 5, zoom: [400, 1000, 3200, 2600], point: [[1680, 2050], [1880, 2250], [1680, 2420], [1500, 2220]] }),
    turn('radiology', 'In the mediastinal window, station four R lies beside the trachea, sixteen millimetres in short axis. Station seven is the same size.', { zoom: [5600, 1300, 3000, 2400], point: [[6850, 2400], [6930, 2560], [6850, 2620]] }),
    turn('pulmonology', 'We sampled both by E B U S. Four R and seven are adenocarcinoma. Four L and ten R are negative, with adequate material.', { page: 7, point: [[2150, 2250], [2650, 3300], [1550, 3150]] }),
    turn('chair', 'So two stations. N two b in the new edition. Ephraim, the pathology?', { write: ['stage_agreed'] }),
    turn('pathology', 'Acinar adenocarcinoma, T T F one positive. P D L one is sixty percent. But the finding that matters is the deletion in exon nineteen of E G F R, at thirty four percent.', { page: 10, point: [[500, 1150], [2800, 1300], [4350, 1300]] }),
    turn('pathology', 'In that setting a high P D L one does not promise what it promises in wild type tumours.', { page: 9 }),
    turn('oncology', 'I agree. After chemoradiation, durvalumab adds little here, and it makes the drug that follows more toxic to the lung. Osimertinib is the better consolidation.', { page: 11, hand: 'radiotherapy', write: ['answered', 'kind'] }),
    turn('chair', 'Celestine, you have the floor.', { give: 'radiotherapy' }),
    turn('radiotherapy', 'Sixty gray in thirty fractions, involved fields only. The mean lung dose will be well under eighteen gray. She can have lodging here during the treatment.', { lines: [0], page: 6 }),
    turn('clinic', 'She accepts the lodging. I can give carboplatin and paclitaxel every week, if somebody watches her blood count at the hub.', { lines: [1] }),
    turn('pulmonology', 'Please wait for the scan after radiotherapy, and make sure there is no pneumonitis above grade one, before osimertinib begins.', { lines: [2] }),
    turn('chair', 'I want to say where I differ. She is fit, and both stations are small. I would have tried induction and looked again. I will write that down as my dissent, and I accept the majority.', { dissent: true, write: ['decision', 'reasons'] }),
    turn('coordinator', 'There is an open trial for her at the hub. I will have her screened at the first visit.', { lines: [3], write: ['trials', 'guideline'] }),
    turn('scribe', 'I have it all. Doctor Mockford tells the patient tomorrow. Guideline, genetics and supportive care were discussed.', { write: ['genetics', 'supportive', 'would_change', 'tells_who', 'tells_when'] }),
    turn('chair', 'Then I read the plan back. Please look at the text, and object if a word is wrong.'),
  ],
  'DEMO-CASE-02': [
    turn('chair', 'Our second case comes from Saltgrass. Doctor Fictivsson, can you hear us?'),
    turn('saltgrass', 'Yes, I hear you well. Thank you. This is a sixty nine year old farmer, widowed, with small cell carcinoma. Hoarse, and six kilograms lighter in three months.', { page: 2 }),
    turn('saltgrass', 'He lives a hundred and eighteen kilometres from the linac. He cannot drive that twice a day. And he fears losing his memory from radiation of the brain.', { write: ['wishes'] }),
    turn('chair', 'Dagny, how far has it gone?', { pass: 'radiology' }),
    turn('radiology', 'A left hilar mass of fifty four millimetres, with nodes at four L and seven. The P E T and the M R I of the brain show no distant disease. It fits one radiation field.', { page: 3, zoom: [300, 700, 5100, 4600], point: [[3810, 3200], [3300, 2420], [2890, 3190]] }),
    turn('pathology', 'Small cell carcinoma, without a component of another type. Ki sixty seven is ninety percent. No more tests are needed today.', { page: 4 }),
    turn('pulmonology', 'His lungs are the limit. F E V one is one point seven litres, diffusion is fifty five percent. The kidney clears fifty two millilitres a minute, and he wears hearing aids.', { page: 4, point: [[2600, 2250], [2600, 2550], [2600, 1150], [2600, 1800]] }),
    turn('oncology', 'With those ears and that kidney I would not give cisplatin. Carboplatin, area under the curve five, with etoposide, four cycles. We lose little and he keeps his hearing.', { page: 5, lines: [0], write: ['kind', 'answered'] }),
    turn('radiotherapy', 'Twice a day would be a little better on paper. But a course he cannot finish helps nobody. Sixty six gray once a day, at Lantern Ridge, with the transport service.', { lines: [1], hand: 'saltgrass' }),
    turn('chair', 'Doctor Fictivsson, please.', { give: 'saltgrass' }),
    turn('saltgrass', 'He will come every day if somebody fetches him. His neighbour looks after the animals.'),
    turn('oncology', 'Durvalumab follows for up to twenty four months, if there is no progression and he has recovered.', { lines: [2] }),
    turn('radiotherapy', 'About the brain. With a clean M R I and his fear, I would watch it, every three months in the first year. If he cannot come for the scans, we talk again about prophylactic irradiation.', { page: 5, point: [[2400, 3200], [6500, 3200], [2400, 3700]], lines: [3], write: ['decision', 'reasons'] }),
    turn('pulmonology', 'I would change my mind if the clearance falls under forty five. Please check it before each cycle.', { write: ['would_change', 'guideline', 'trials'] }),
    turn('scribe', 'Written down. Doctor Fictivsson tells him tomorrow.', { page: 6, write: ['genetics', 'supportive', 'tells_who', 'tells_when'] }),
    turn('chair', 'No dissent that I can see. I read it back.'),
  ],
};

export const LINES = {
  window: turn('chair', 'That is the text. Twenty seconds for objections. Please stay silent if you agree.'),
  signed: turn('chair', 'No objection. The plan is signed.'),
  resume: turn('chair', 'I heard the objection. We look at it again, and then I read the text once more.'),
  wait: turn('pulmonology', 'The floor is the chair\'s. We have said what we had to say, and we wait for you.'),
  elsewhere: turn('chair', 'This case is being heard in another meeting just now. We stop here, so that nobody is disturbed.'),
  closing: turn('chair', 'That was the last case. Thank you all. Until next time.'),
};
