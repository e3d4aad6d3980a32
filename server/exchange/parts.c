#include "parts.h"

/* A test compares these with protocols/record/plan-fields.json. */
static const struct {
    const char *id, *label;
} labels[] = {
    { "pre_treatment", "Plan before treatment" },
    { "post_operative", "Plan after surgery" },
    { "post_treatment", "Plan after treatment" },
    { "recurrence", "Plan at recurrence" },
    { "molecular", "Molecular plan" },
    { "consensus", "Consensus" },
    { "majority_with_dissent", "Majority with dissent" },
    { "options_left", "Options left to the clinician" },
    { "deferred", "Deferred, needs data" },
    { "no_decision", "No decision" },
    { "surgery", "Surgery" },
    { "radiotherapy", "Radiotherapy" },
    { "systemic", "Systemic therapy" },
    { "local_ablative", "Local ablation" },
    { "surveillance", "Surveillance" },
    { "no_tumor_therapy", "No tumor therapy" },
    { "test_imaging", "Imaging" },
    { "test_pathology", "Pathology" },
    { "test_molecular", "Molecular test" },
    { "genetics_referral", "Genetics referral" },
    { "trial_referral", "Trial" },
    { "second_board", "Second board" },
    { "other", "Other" },
    { "curative", "Curative" },
    { "adjuvant", "Adjuvant" },
    { "neoadjuvant", "Neoadjuvant" },
    { "diagnostic", "Diagnostic" },
    { "new_result", "new result" },
    { "correction", "correction" },
    { "clarification", "clarification" },
};

struct vtb_str parts_label(struct vtb_str id)
{
    for (size_t i = 0; i < VTB_COUNT(labels); i++)
        if (vtb_str_is(id, vtb_str_of(labels[i].id)))
            return vtb_str_of(labels[i].label);
    return id;
}

struct vtb_str parts_str(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    if (!json_is_string(value))
        return (struct vtb_str){ "", 0 };
    return (struct vtb_str){ json_string_value(value), json_string_length(value) };
}

struct vtb_str parts_field(const json_t *plan, const char *name)
{
    struct vtb_str text = parts_str(json_object_get(plan, "fields"), name);

    return text.len ? text : parts_str(plan, name);
}

void parts_add(GString *to, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    if (json_is_string(value))
        plain_add(to, parts_str(object, name));
    else if (json_is_integer(value))
        g_string_append_printf(to, "%lld", (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        g_string_append(to, json_is_true(value) ? "yes" : "no");
}

bool parts_is(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    struct vtb_str text = parts_str(object, name);

    return json_is_true(value) || vtb_str_is(text, VTB_LIT("true")) ||
           vtb_str_is(text, VTB_LIT("yes"));
}
