/* Headers of uploaded files and of drawn tiles, and the words of the tools. */
#include "decoders.h"
#include "sniff.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    enum vtb_doc_kind kind;
    const char *words = NULL;
    struct sniff_webp webp;
    struct sniff_png png;

    if (!text)
        return 0;
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    if (sniff(data, size, &kind, &words) && !words)
        abort(); /* refused without a word */
    if (!sniff_webp(data, size, &webp) &&
        (webp.image < data || webp.image + webp.image_len > data + size))
        abort();
    (void)!sniff_png(data, size, &png);
    for (kind = VTB_DOC_PDF; kind <= VTB_DOC_TIFF; kind++) {
        struct child_end end = { .exit = 0, .output = text, .errors = text };
        struct decoder_shape shape = { 0 };
        enum fault fault = FAULT_NONE;

        if (decoder_read(kind, &end, &shape, &fault) && fault == FAULT_NONE)
            abort();
        if (!fault && (shape.pages == 0 || shape.pages > 500))
            abort();
    }
    free(text);
    return 0;
}
