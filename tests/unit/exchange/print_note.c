/* print-note PLAN.json OUT.pdf [withdrawn|amended|superseded]: to look at a note with one's own eyes. */
#include "exchange/note.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    static char plan[70000];
    static const struct vtb_note_cosigner okafor = { VTB_LIT("Dr Ruth Okafor"), VTB_LIT("referring"),
                                                     1795074902000000 };
    static const struct vtb_note_addendum later = {
        VTB_LIT("Dr Ingrid Solheim"), VTB_LIT("new_result"),
        VTB_LIT("STK11: no mutation found, 20 November. The plan stands."), 1795161302000000
    };
    struct vtb_note note = {
        .digest = VTB_LIT("7f3a91c20be455d8a1f06b7ec9342d18e05b447790ad13fc8826d9b15ec07a62"),
        .key_fingerprint = VTB_LIT("4b1d 9c02 77ae 03f8 5d61 e2c9 8a40 1f37"),
        .cosigners = &okafor, .cosigners_n = 1,
    };
    uint8_t *pdf;
    size_t len;
    FILE *file;

    if (argc < 3 || !(file = fopen(argv[1], "r")))
        return 2;
    note.plan = (struct vtb_str){ plan, fread(plan, 1, sizeof plan, file) };
    fclose(file);
    if (argc > 3) {
        note.state = !strcmp(argv[3], "withdrawn") ? VTB_NOTE_WITHDRAWN :
                     !strcmp(argv[3], "amended")   ? VTB_NOTE_AMENDED : VTB_NOTE_SUPERSEDED;
        if (note.state != VTB_NOTE_AMENDED)
            note.state_reason = VTB_LIT("Written for the wrong patient: two people with this name.");
        note.addenda = &later;
        note.addenda_n = note.state == VTB_NOTE_AMENDED;
    }
    if (vtb_note_pdf(&note, &pdf, &len) || !(file = fopen(argv[2], "w")))
        return 1;
    fwrite(pdf, 1, len, file);
    free(pdf);
    return fclose(file);
}
