#pragma once
// The words by which the judge of explanations goes. A pattern is words with blanks between; '*' at a word's end stands
// for any ending. Where several patterns fit, the one of most words counts, then that of most letters.

#include <array>
#include <cstdint>
#include <string_view>

#include "systolic/echo/verdicts.hpp"

namespace systolic::echo {

/// What a phrase does in a sentence.
enum class Role : std::uint8_t {
  other,   ///< nothing; also phrases that would mislead if their words were read one by one
  topic,   ///< names a topic and says nothing of it
  septum,  ///< the septum: its bulge, or its motion where motion is spoken of
  shape,   ///< of the septum where that is named, else of the ventricle
  apex,    ///< the apex: its motion, or a segment where contraction is spoken of
  region,  ///< a part of the wall: makes septum and apex segments
  ill,     ///< names a topic and says that it is pathological; negated: normal
  well,    ///< names a topic and says that it is normal; negated: pathological
  normal,  ///< evaluations, of whatever is spoken of
  good,    ///< in favour of quality and function; of a bulge it only says how plain it is
  bad,
  high,  ///< more than it should be, or might be
  low,
  small,       ///< as low; yet a small bulge is a bulge
  negligible,  ///< as low; a negligible bulge is none
  motion,      ///< moves, contracts: more than nothing where nothing else is said
  movement,    ///< the noun: says something only where it is negated
  inside,      ///< of the sector, where that is spoken of: as well, ill
  outside,
  present,  ///< is seen, is there: carries a negation back to what is not seen
  negation,
  conjunction,  ///< and
  alternative,  ///< or, nor
  comma,
  contrast,      ///< but, while, although: a new clause
  copula,        ///< is, appears
  pronoun,       ///< it, this, which: what was spoken of before
  likewise,      ///< as is, so does: the evaluation before
  rest,          ///< everything else
  hypothetical,  ///< in healthy hearts, if: the clause says nothing of this heart
  wish,          ///< should: what stands between the same commas says nothing of this heart
  unknown,       ///< could not be assessed: neither
  number
};

/// Patterns with '|' between that do the same.
struct Phrases {
  Role role;
  Topic topic;  ///< of the roles topic, ill and well
  std::string_view patterns;
};

inline constexpr Topic no_topic = Topic::ejection_fraction;  ///< where a role has none

// clang-format off
inline constexpr auto judge_phrases = std::to_array<Phrases>({
    {Role::topic, Topic::ejection_fraction,
     "ejection fraction|lvef|ef|eject*|systolic function|systolic performance|ventricular function|"
     "left ventricular function|pump function|pump*|cardiac function|heart function|lv function"},
    {Role::ill, Topic::ejection_fraction,
     "too little blood|less blood|systolic dysfunction|ventricular dysfunction|left ventricular dysfunction|"
     "heart failure|hfref"},
    {Role::topic, Topic::septal_bulge,
     "bulge value*|bulge area|bulge score|bulge measure*"},
    {Role::ill, Topic::septal_bulge,
     "bulge*|bulging|protru*|bump*|dent|dents|dented|indent*|sigmoid*|septal hypertroph*|bow*|septal thicken*|"
     "thickened septum"},
    {Role::well, Topic::septal_bulge,
     "bulge free|straight septum|smooth septum"},
    {Role::ill, Topic::segment_motion,
     "scar*|infarct*|hypokine*|akine*|dyskine*|asynerg*|aneurysm*|dyssynchron*|outward*"},
    {Role::well, Topic::segment_motion,
     "normokine*|synchronous*"},
    {Role::ill, Topic::apex_motion,
     "apical rocking|rocks|rocking"},
    {Role::topic, Topic::length_width,
     "sized|ventricular dimensions|chamber dimensions|aspect|size|length to width|length width|length and width|"
     "width to length|length over width|ratio*|l w|proportion*|geometry|chamber size|ventricular size|lv size|"
     "left ventricular size|size of the ventricle|size of the left ventricle|shape of the ventricle|"
     "shape of the left ventricle|ventricular shape|left ventricular shape|shape of the heart"},
    {Role::ill, Topic::length_width,
     "dilatative|cardiomegaly|bulky|out of proportion|rounder|wider|broader|as wide as long|as wide as it is long|"
     "as broad as long|nearly as wide|almost as wide|short and wide|plump|barrel shaped|ball shaped|egg shaped|"
     "as wide as|as broad as|as long as wide|as long as it is wide|dilat*|enlarg*|balloon*|spheric*|globular|"
     "globose|round|rounded|roundish|widened|too wide|too broad|too round|wide|broad"},
    {Role::well, Topic::length_width,
     "twice its width|twice the width|double its width|double the width|half as wide as|half as broad as|"
     "healthy proportion*|in a healthy proportion|twice as long as wide|twice as long as it is wide|"
     "twice as long as broad|longer than wide|longer than it is wide|longer than broad|long relative to|"
     "long and narrow|long and slender|twice as long as|nondilated|undilated|non dilated|slender|elongated|"
     "bullet shaped|ellips*|elliptic*|narrow"},
    {Role::topic, Topic::sector_share,
     "sector*|cone|field of view|imaging window|scan area|ultrasound window|ultrasound beam"},
    {Role::ill, Topic::sector_share,
     "truncat*|cuts off|cutting off|cut off|cropped|cropping|out of view|partly visible|partially visible"},
    {Role::well, Topic::sector_share,
     "fully visible|completely visible|entirely visible|in view|fully captured"},
    {Role::topic, Topic::image_quality,
     "image quality|quality|image|images|imaging|picture*|contrast*|visibility|endocardial border*|endocardi*|"
     "delineation|resolution|recording|video|scan"},
    {Role::ill, Topic::image_quality,
     "artefact*|artifact*|murky|obscured|shadow*|hard to tell apart|difficult to tell apart|hard to distinguish|"
     "difficult to distinguish|merge* into|hard to make out|difficult to make out|low quality|poor quality|"
     "poorly delineated|poorly visible|poorly seen|poorly defined|hard to see|difficult to see|hard to recogni*|"
     "barely visible|indistinct|washed out|dark|blur*|noisy|noise|grainy|hazy|unclear image*|fuzzy|low contrast"},
    {Role::well, Topic::image_quality,
     "distinguish*|tell apart|told apart|stand* out|well separated|clearly separated|little noise|low noise|"
     "less noise|minimal noise|noise free|little blur*|hardly any noise|well delineated|well defined|easy to see|"
     "easily seen|clearly visible|clearly delineated|clearly seen|well visible|well seen|sharp*|crisp*|"
     "high contrast"},
    {Role::other, no_topic,
     "unlike in normal heart*|unlike normal heart*|unlike in healthy heart*|unlike healthy heart*|"
     "unlike in a healthy heart|unlike in a normal heart|compared with normal heart*|compared to normal heart*|"
     "between the myocardium and|between myocardium and|myocardium and the blood|myocardium and blood|"
     "between the wall and the|between blood and|should be interpreted|should be read|should be taken|"
     "should be treated|should be confirmed|should be repeated|should be viewed|be interpreted|the normal range|"
     "the normal limit*|the normal value*|part of|parts of|in shape|the whole truth|four chamber|4 chamber|"
     "chamber view|towards the apex|toward the apex|base to apex|to the apex|apex to base|from the apex|"
     "near the apex|at the apex|around the apex|between wall and|between the wall and|wall and cavity|"
     "wall from the cavity|wall cavity|wall from cavity|as well|not only|left ventric*|normal value*|"
     "normal range is|normal range of|lower limit of normal|upper limit of normal|limit of normal|than normal|"
     "than usual|than expected|than the normal|still|entirely|mildly|moderately"},
    {Role::septum, no_topic,
     "septal contour|septal shape|septal wall|septal outline|septal curv*|septum|ivs|shape of the septum|"
     "shape of the interventricular septum|shape of the septal wall"},
    {Role::apex, no_topic,
     "apex|apical|tip of the ventricle|tip of the heart"},
    {Role::region, no_topic,
     "bulges outward*|basal septal|mid septal|apical septal|basal septum|mid septum|apical septum|basal lateral|"
     "mid lateral|apical lateral|apical segment*|septal segment*|apical wall|lateral wall|lateral segment*|"
     "lateral side|septal motion|septal movement|septal wall motion|septal side|segment*|regional|walls|"
     "cardiac wall|heart wall|wall|myocardi*|contractility|contraction*|contractile|inward motion|inward movement"},
    {Role::normal, no_topic,
     "similar in all|equal in all|the same in all|comparable in all|similar degree|equally|"
     "as expected in a healthy heart|as expected in a normal heart|as expected in healthy hearts|"
     "as expected in normal hearts|as is normal|as in normal hearts|like in healthy hearts|coordinated|"
     "of a healthy heart|of a normal heart|as in a healthy heart|like in a healthy heart|as in healthy hearts|"
     "of healthy hearts|in the normal range|within the normal range|within normal|in normal range|within the normal|"
     "within the limit*|within limit*|within the expected|within expected|as expected|as it should|as they should|"
     "meets the expectation*|limits of normal|nothing unusual|nothing abnormal|nothing remarkable|nothing wrong|"
     "no concern*|not of concern|not remarkable|no problem*|normal|normally|unremarkable|inconspicuous|physiologic*|"
     "healthy|regular*|preserved|intact|usual|ordinary|unimpaired|undisturbed|nonpathologic*|typical|natural|"
     "straight|smooth*|flat|stable|steady|symmetric*|uniform*|evenly|homogeneous*|balanced|reassuring"},
    {Role::good, no_topic,
     "effective*|successful*|reliable|reliably|acceptable|superb|outstanding|pull together|pull* together|"
     "work* together|participate*|take part|takes part|complete|completely|entire|whole|wholly|all of|"
     "no reason to doubt|leaves nothing to be desired|leave nothing to be desired|satisfactory|good|well|fine|"
     "excellent*|adequate*|sufficient*|optimal*|great|very good|clear|clearly|ideal|favourable|favorable|perfect*|"
     "decent|fully|properly|efficient*"},
    {Role::bad, no_topic,
     "ineffective*|mediocre|unreliable|unacceptable|diseased|failing|uneven*|uncoordinated|outside the normal|"
     "outside normal|outside the limit*|outside of normal|outside of the normal|out of range|out of the normal|"
     "beyond the limit*|beyond normal|beyond the normal|far from normal|far from ideal|anything but normal|"
     "anything but good|less than ideal|less than optimal|deviate* from|depart* from|differ* from normal|"
     "than it should|than they should|too much|too little|too low|too high|too small|too large|too far|too strong*|"
     "too weak*|too big|too short|leaves much to be desired|leave much to be desired|leaves a lot to be desired|"
     "leaves something to be desired|abnormal*|patholog*|impair*|poor|poorly|bad|badly|insufficient*|inadequate*|"
     "suboptimal|unsatisfactory|disturb*|compromised|deficient|unusual*|concern*|suspicious|worrisome|worrying|"
     "excess*|severe*|asymmetric*|inhomogeneous*|heterogeneous*|defect*|weak|weakly|incomplete*|problem*|anomal*|"
     "remarkable|conspicuous|irregular*|unfavourable|unfavorable|inferior|unclear|depressed|dysfunction*|unhealthy|"
     "altered|lag*|worse*|disproportionate*|exaggerated|unstable"},
    {Role::high, no_topic,
     "vigorous*|strong*|a long way|far|extensive*|above normal|above the normal|a lot|high|higher|large|larger|big|"
     "increas*|elevated|considerabl*|marked*|pronounced|prominent|significant*|substantial*|noticeabl*|above|"
     "exceed*|more|greater|much|widely|relevant"},
    {Role::low, no_topic,
     "not reach*|never reach*|below normal|below the normal|below average|not enough|low|lower|reduced|reduction|"
     "decreas*|diminish*|less|smaller|below|under|limited|restricted|lowered|shorter|short"},
    {Role::small, no_topic,
     "small|slight|mild|little|slightly|tiny|minor"},
    {Role::negligible, no_topic,
     "stationary|motionless|stands still|stays still|remains still|is still|keeps still|stand still|almost still|"
     "nearly still|stays in place|remains in place|keeps its place|stays put|stays where it is|fixed|immobile|"
     "negligibl*|minimal*|insignificant*|irrelevant|very little"},
    {Role::motion, no_topic,
     "displaces|displaced|travel*|swing*|oscillat*|wander*|move*|moving|shift*|mobile"},
    {Role::present, no_topic,
     "seen|present|visible|detected|found|observed|evident|noted|recognisable|recognizable|identified|apparent|"
     "discernible|shown"},
    {Role::negation, no_topic,
     "unlikely|improbable|refute*|contradict*|lost its|lose* its|loss of|would not|argue* against|speak* against|"
     "against|no longer|no remarkable|fail*|next to no|virtually no|almost no|no|not|none|never|without|neither|"
     "cannot|absent|absence of|lack of|lacks|lacking|free of|free from|hardly|barely|scarcely|nothing|rule* out|"
     "ruling out|exclud*|rather than|instead of|negative"},
    {Role::conjunction, no_topic,
     "as well as|along with|together with|and"},
    {Role::alternative, no_topic,
     "nor|or"},
    {Role::contrast, no_topic,
     "but|however|while|whereas|although|though|yet|except|despite|in contrast|by contrast|on the other hand|"
     "in spite of|because|since|even though"},
    {Role::copula, no_topic,
     "is|are|was|were|appear*|seem*|remain*|look|looks|stays|lies|lie"},
    {Role::pronoun, no_topic,
     "it|this|that|which|they|these|both"},
    {Role::likewise, no_topic,
     "as is|as are|as does|as do|so is|so are|likewise|the same holds|the same is true|the same applies"},
    {Role::rest, no_topic,
     "everything else|all other|all others|the other attributes|the other parameters|the remaining|remaining|"
     "otherwise|all attributes|all parameters|the rest|other findings"},
    {Role::hypothetical, no_topic,
     "normal would be|normal is|if|typically|usually|ideally|generally|in healthy|in a healthy|in a normal|"
     "in normal|healthy hearts|a healthy heart|normal hearts"},
    {Role::unknown, no_topic,
     "not assessed|not be assessed|not measured|not be measured|not available|not evaluated|not be evaluated|"
     "unknown|not known|not be judged|not judged|cannot be assessed|cannot be measured|cannot be judged|"
     "cannot be evaluated|cannot be determined|not be determined|difficult to assess|hard to assess|no information|"
     "no statement"},
    {Role::motion, Topic::segment_motion,
     "contribut*|contract|contracts|contracting|contracted"},
    {Role::wish, no_topic,
     "should|would|ought to|is supposed to|are supposed to|is meant to|is expected to"},
    {Role::movement, no_topic,
     "motion|movement*|displacement*|excursion*|mobility"},
    {Role::inside, no_topic,
     "covers everything|shows everything|covers all|covers the whole|covers the entire|fit into|fits into|fit in|"
     "fits in|fits entirely|fits completely|fits|inside|within|covered|contained|captured"},
    {Role::outside, no_topic,
     "leaves the|leave the|beyond|out of the|out of|outside|missing from|missing in|is missing|are missing|"
     "partly inside|partially inside|partly within|partially within|only partly|only partially|not fully|"
     "not completely|not entirely|only part of|only parts of|only a part|only half|half of the ventricle|clipped|"
     "cut by"},
    {Role::shape, no_topic,
     "shape|shaped"},
});
// clang-format on

}  // namespace systolic::echo
