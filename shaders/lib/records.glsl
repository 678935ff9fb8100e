// The tables that draws refer to by address.
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_buffer_reference2 : require
#extension GL_EXT_buffer_reference_uvec2 : require

layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer DrawRef { GpuDraw at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 16) readonly buffer InstanceRef { GpuInstance at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer MaterialRef { GpuMaterial at; };
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer LobesRef { GpuMaterialLobes at; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer FeatureRef { GpuFeatureRow at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer StyleRef { GpuStyle at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer ExtraRef { GpuVertexExtra at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer DeformRef { GpuDeform at; };
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer JointsRef { GpuJoints at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 16) readonly buffer RowRef { vec4 at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer FloatRef { float at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 16) readonly buffer LightRef { GpuPunctualLight at[]; };

layout(push_constant, scalar) uniform Push {
    DrawRef draws;
    StyleRef styles;
    uint styleCount;
    uint cascade;
    uint opaqueTexture; // of the bindless table: the scene without what transmits
    uint onlyFlags;     // style flags of which a feature must have one to be drawn; 0: all are
} push;
