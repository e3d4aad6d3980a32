#include "parts.h"

/* Tests compare these with protocols/record/plan-fields.json. */
static const struct {
    enum parts_list list;
    const char *id, *label;
} labels[] = {
    { PARTS_PLAN_KIND, "pre_treatment", "Plan before treatment" },
    { PARTS_PLAN_KIND, "post_operative", "Plan after surgery" },
    { PARTS_PLAN_KIND, "post_treatment", "Plan after treatment" },
    { PARTS_PLAN_KIND, "recurrence", "Plan at recurrence" },
    { PARTS_PLAN_KIND, "molecular", "Molecular plan" },
    { PARTS_PLAN_KIND, "palliative", "Palliative plan" },
    { PARTS_DECISION, "consensus", "Consensus" },
    { PARTS_DECISION, "majority_with_dissent", "Majority with dissent" },
    { PARTS_DECISION, "options_left", "Options left to the clinician" },
    { PARTS_DECISION, "deferred", "Deferred, needs data" },
    { PARTS_DECISION, "no_decision", "No decision" },
    { PARTS_LINE_KIND, "surgery", "Surgery" },
    { PARTS_LINE_KIND, "radiotherapy", "Radiotherapy" },
    { PARTS_LINE_KIND, "systemic", "Systemic therapy" },
    { PARTS_LINE_KIND, "local_ablative", "Local ablation" },
    { PARTS_LINE_KIND, "surveillance", "Surveillance" },
    { PARTS_LINE_KIND, "no_tumor_therapy", "No tumor therapy" },
    { PARTS_LINE_KIND, "test_imaging", "Imaging" },
    { PARTS_LINE_KIND, "test_pathology", "Pathology" },
    { PARTS_LINE_KIND, "test_molecular", "Molecular test" },
    { PARTS_LINE_KIND, "genetics_referral", "Genetics referral" },
    { PARTS_LINE_KIND, "trial_referral", "Trial" },
    { PARTS_LINE_KIND, "palliative", "Palliative care" },
    { PARTS_LINE_KIND, "supportive", "Supportive care" },
    { PARTS_LINE_KIND, "second_board", "Second board" },
    { PARTS_LINE_KIND, "other", "Other" },
    { PARTS_INTENT, "curative", "Curative" },
    { PARTS_INTENT, "adjuvant", "Adjuvant" },
    { PARTS_INTENT, "neoadjuvant", "Neoadjuvant" },
    { PARTS_INTENT, "palliative", "Palliative" },
    { PARTS_INTENT, "diagnostic", "Diagnostic" },
    { PARTS_INTENT, "supportive", "Supportive" },
    { PARTS_REASON, "new_result", "new result" },
    { PARTS_REASON, "correction", "correction" },
    { PARTS_REASON, "clarification", "clarification" },
};

struct vtb_str parts_label(enum parts_list list, struct vtb_str id)
{
    for (size_t i = 0; i < VTB_COUNT(labels); i++)
        if (labels[i].list == list && vtb_str_is(id, vtb_str_of(labels[i].id)))
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
